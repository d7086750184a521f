package keelback

import (
	"fmt"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// Error is an error of the database. Code is the extended result code, its low byte the primary one; Message is
// sqlite3_errmsg; Offset is where in the SQL text, in bytes, or -1.
type Error struct {
	Code    int
	Message string
	Offset  int
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

// PrimaryCode is the low byte of the code: SQLITE_CONSTRAINT (19) for all constraint errors, and so on.
func (e *Error) PrimaryCode() int { return e.Code & 0xff }

func lastError(db capi.DB) error {
	code := capi.ExtendedErrcode(db)
	return &Error{Code: code, Message: capi.Errmsg(db), Offset: capi.ErrorOffset(db)}
}

func codeError(code int) error {
	return &Error{Code: code, Message: capi.Errstr(code), Offset: -1}
}

func usageError(format string, arguments ...any) error {
	return fmt.Errorf("keelback: "+format, arguments...)
}
