package keelback

import (
	"fmt"
	"syscall"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// ErrNo is a primary result code.
type ErrNo int

// Error is sqlite3_errstr.
func (code ErrNo) Error() string { return capi.Errstr(int(code)) }

// Extend makes an extended code of it: ErrConstraint.Extend(8) is ErrConstraintUnique.
func (code ErrNo) Extend(by int) ErrNoExtended { return ErrNoExtended(int(code) | by<<8) }

// ErrNoExtended is an extended result code, its low byte the primary one.
type ErrNoExtended int

// Error is sqlite3_errstr.
func (code ErrNoExtended) Error() string { return capi.Errstr(int(code)) }

// Error is an error of the database. Message is sqlite3_errmsg; Offset is where in the SQL text, in bytes, or -1;
// SystemErrno is what the system said where a file could not be opened, read or written, and otherwise 0.
//
//	var failure keelback.Error
//	if errors.As(err, &failure) && failure.ExtendedCode == keelback.ErrConstraintUnique { ... }
//	if errors.Is(err, keelback.ErrBusy) { ... }
type Error struct {
	Code         ErrNo
	ExtendedCode ErrNoExtended
	SystemErrno  syscall.Errno
	Message      string
	Offset       int
}

// Error gives the message, and what the system said.
func (e Error) Error() string {
	if e.SystemErrno != 0 {
		return e.Message + ": " + e.SystemErrno.Error()
	}
	return e.Message
}

// Is compares with a code, primary or extended.
func (e Error) Is(target error) bool {
	switch code := target.(type) {
	case ErrNo:
		return e.Code == code
	case ErrNoExtended:
		return e.ExtendedCode == code
	}
	return false
}

var errClosed = usageError("the connection is closed")

func lastError(db capi.DB) error {
	err := newError(capi.ExtendedErrcode(db), capi.Errmsg(db))
	err.Offset = capi.ErrorOffset(db)
	if err.Code == capi.IOError || err.Code == capi.CantOpen {
		err.SystemErrno = syscall.Errno(capi.SystemErrno(db))
	}
	return err
}

func codeError(code int) error { return newError(code, capi.Errstr(code)) }

func newError(code int, message string) Error {
	return Error{Code: ErrNo(code & 0xff), ExtendedCode: ErrNoExtended(code), Message: message, Offset: -1}
}

func usageError(format string, arguments ...any) error {
	return fmt.Errorf("keelback: "+format, arguments...)
}
