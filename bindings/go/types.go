package keelback

import (
	"database/sql/driver"
	"math"
	"reflect"
	"time"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// timeFormat is how a time.Time is stored: text that SQLite's date functions read.
const timeFormat = "2006-01-02 15:04:05.999999999-07:00"

var readFormats = []string{
	timeFormat,
	"2006-01-02T15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z",
	"2006-01-02T15:04:05.999999999Z",
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
		return capi.BindText(stmt, index, value.Format(timeFormat))
	}
	return capi.Misuse
}

func columnValue(stmt capi.Stmt, column int) driver.Value {
	switch capi.ColumnType(stmt, column) {
	case capi.Integer:
		return capi.ColumnInt64(stmt, column)
	case capi.Float:
		return capi.ColumnDouble(stmt, column)
	case capi.Text:
		return capi.ColumnText(stmt, column)
	case capi.Blob:
		return capi.ColumnBlob(stmt, column)
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

// convertDeclared gives bool and time.Time for columns that are declared so, where the value is one.
func convertDeclared(value driver.Value, declared string) driver.Value {
	switch {
	case declared == "BOOLEAN" || declared == "BOOL":
		if number, ok := value.(int64); ok && (number == 0 || number == 1) {
			return number == 1
		}
	case isDateType(declared):
		if text, ok := value.(string); ok {
			for _, format := range readFormats {
				if moment, err := time.Parse(format, text); err == nil {
					return moment
				}
			}
		}
	}
	return value
}
