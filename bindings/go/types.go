package keelback

import (
	"database/sql/driver"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// TimestampFormats are the forms of times that are read from columns declared so; all are text that SQLite's date
// functions read, with or without a Z at the end. Times are written in the first.
var TimestampFormats = []string{
	"2006-01-02 15:04:05.999999999-07:00",
	"2006-01-02T15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04",
	"2006-01-02T15:04",
	"2006-01-02",
}

func bindValue(stmt capi.Stmt, index int, value driver.Value) int {
	switch value := value.(type) {
	case nil:
		return capi.BindNull(stmt, index)
	case int64:
		return capi.BindInt64(stmt, index, value)
	case float64:
		return capi.BindDouble(stmt, index, value)
	case bool:
		if value {
			return capi.BindInt64(stmt, index, 1)
		}
		return capi.BindInt64(stmt, index, 0)
	case string:
		return capi.BindText(stmt, index, value)
	case []byte:
		if value == nil {
			return capi.BindNull(stmt, index)
		}
		return capi.BindBlob(stmt, index, value)
	case time.Time:
		return capi.BindText(stmt, index, value.Format(TimestampFormats[0]))
	}
	return capi.Misuse
}

func columnValue(row capi.Row, column int) driver.Value {
	switch row.Type(column) {
	case capi.Integer:
		return row.Int64(column)
	case capi.Float:
		return row.Double(column)
	case capi.Text:
		return row.Text(column)
	case capi.Blob:
		return row.Blob(column)
	}
	return nil
}

// checkValue keeps 64-bit unsigned integers from being narrowed and leaves the rest to database/sql.
func checkValue(value *driver.NamedValue) error {
	if _, ok := value.Value.(driver.Valuer); !ok {
		field := reflect.ValueOf(value.Value)
		if field.IsValid() && field.CanUint() && field.Uint() > math.MaxInt64 {
			return usageError("%d does not fit a 64-bit integer", field.Uint())
		}
	}
	converted, err := driver.DefaultParameterConverter.ConvertValue(value.Value)
	if err != nil {
		return err
	}
	value.Value = converted
	return nil
}

func isDateType(declared string) bool {
	return declared == "DATE" || declared == "DATETIME" || declared == "TIMESTAMP"
}

// convertDeclared gives bool and time.Time for columns that are declared so: integers in columns of times are seconds
// since 1970, or milliseconds where they are too large for that; text that is no time stays text.
func convertDeclared(value driver.Value, declared string, location *time.Location) driver.Value {
	switch {
	case declared == "BOOLEAN":
		if number, ok := value.(int64); ok {
			return number > 0
		}
	case isDateType(declared):
		if moment, ok := timeOf(value); ok {
			if location != nil {
				return moment.In(location)
			}
			return moment
		}
	}
	return value
}

// largestSeconds is the year 33,658; what is beyond counts milliseconds.
const largestSeconds = 1_000_000_000_000

func timeOf(value driver.Value) (time.Time, bool) {
	switch value := value.(type) {
	case int64:
		if value > largestSeconds || value < -largestSeconds {
			return time.UnixMilli(value).UTC(), true
		}
		return time.Unix(value, 0).UTC(), true
	case string:
		text := strings.TrimSuffix(value, "Z")
		for _, format := range TimestampFormats {
			if moment, err := time.Parse(format, text); err == nil {
				return moment, true
			}
		}
	}
	return time.Time{}, false
}
