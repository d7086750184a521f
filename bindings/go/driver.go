package keelback

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"strconv"
	"strings"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

func init() { sql.Register("keelback", &Driver{}) }

const defaultBusyTimeout = 5000

// Driver implements driver.Driver and driver.DriverContext.
type Driver struct{}

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
	flags := capi.OpenReadWrite | capi.OpenCreate | capi.OpenURI
	if c.settings.readOnly {
		flags = capi.OpenReadOnly | capi.OpenURI
	}
	db, code := capi.Open(c.settings.path, flags)
	if code != capi.OK {
		err := codeError(code)
		if db != nil {
			err = lastError(db)
			capi.CloseV2(db)
		}
		return nil, err
	}
	capi.BusyTimeout(db, c.settings.busyTimeout)
	conn := &Conn{db: db, begin: c.settings.begin, rawTypes: c.settings.rawTypes}
	if c.settings.foreignKeys != "" {
		if err := conn.run("PRAGMA foreign_keys=" + c.settings.foreignKeys); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

type settings struct {
	path        string
	busyTimeout int
	foreignKeys string
	begin       string
	rawTypes    bool
	readOnly    bool
}

// parseName takes the parameters that begin with "_" out of the name; the others stay for the URI.
func parseName(name string) (settings, error) {
	result := settings{path: name, busyTimeout: defaultBusyTimeout, begin: "BEGIN"}
	if strings.IndexByte(name, 0) >= 0 {
		return result, usageError("the data source name contains a NUL character")
	}
	path, query, found := strings.Cut(name, "?")
	if !found {
		return result, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return result, usageError("bad data source name %q: %v", name, err)
	}
	for key, all := range values {
		if !strings.HasPrefix(key, "_") {
			continue
		}
		value := all[len(all)-1]
		values.Del(key)
		switch key {
		case "_busy_timeout":
			result.busyTimeout, err = strconv.Atoi(value)
			if err != nil {
				return result, usageError("_busy_timeout is %q, not a number of milliseconds", value)
			}
		case "_foreign_keys":
			if value != "0" && value != "1" {
				return result, usageError("_foreign_keys is %q, not 0 or 1", value)
			}
			result.foreignKeys = value
		case "_txlock":
			switch value {
			case "deferred":
				result.begin = "BEGIN"
			case "immediate", "exclusive":
				result.begin = "BEGIN " + strings.ToUpper(value)
			default:
				return result, usageError("_txlock is %q, not deferred, immediate or exclusive", value)
			}
		case "_types":
			if value != "auto" && value != "raw" {
				return result, usageError("_types is %q, not auto or raw", value)
			}
			result.rawTypes = value == "raw"
		default:
			return result, usageError("unknown setting %q in the data source name", key)
		}
	}
	result.readOnly = values.Get("mode") == "ro"
	if strings.HasPrefix(path, "file:") && len(values) > 0 {
		path += "?" + values.Encode()
	}
	result.path = path
	return result, nil
}
