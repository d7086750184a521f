package keelback

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

func init() { sql.Register("keelback", &Driver{}) }

// Driver implements driver.Driver and driver.DriverContext. Register one of your own, under a name of your own, to have
// extensions loaded into each new connection, or functions, collations and hooks set by ConnectHook.
type Driver struct {
	Extensions  []string
	ConnectHook func(*Conn) error
}

// Open opens one connection.
func (d *Driver) Open(name string) (driver.Conn, error) {
	connector, err := d.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	return connector.Connect(context.Background())
}

// OpenConnector parses the data source name once for all connections.
func (d *Driver) OpenConnector(name string) (driver.Connector, error) {
	settings, err := parseName(name)
	if err != nil {
		return nil, err
	}
	return &Connector{driver: d, settings: settings}, nil
}

// Connector makes connections with the settings of one data source name.
type Connector struct {
	driver   *Driver
	settings settings
}

// Driver gives the driver.
func (c *Connector) Driver() driver.Driver { return c.driver }

// Connect opens a connection.
func (c *Connector) Connect(context.Context) (driver.Conn, error) {
	db, code := capi.Open(c.settings.path, c.settings.flags, c.settings.vfs)
	if code != capi.OK {
		err := codeError(code)
		if db != nil {
			err = lastError(db)
			capi.CloseV2(db)
		}
		return nil, err
	}
	capi.BusyTimeout(db, c.settings.busyTimeout)
	conn := &Conn{
		db: db, begin: c.settings.begin, rawTypes: c.settings.rawTypes, location: c.settings.location,
		hooks: map[hookKind]capi.Hook{},
	}
	if err := c.prepare(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func (c *Connector) prepare(conn *Conn) error {
	for _, pragma := range c.settings.pragmas {
		if err := conn.run(pragma); err != nil {
			return err
		}
	}
	for _, extension := range c.driver.Extensions {
		if err := conn.LoadExtension(extension, ""); err != nil {
			return err
		}
	}
	if c.driver.ConnectHook != nil {
		return c.driver.ConnectHook(conn)
	}
	return nil
}
