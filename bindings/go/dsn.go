package keelback

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

const defaultBusyTimeout = 5000

// settings is what a data source name says.
type settings struct {
	path        string
	flags       int
	vfs         string
	busyTimeout int
	begin       string
	rawTypes    bool
	location    *time.Location
	pragmas     []string // in the order in which they have to run
}

var switches = []string{"0", "no", "false", "off", "1", "yes", "true", "on"}

// pragmaSetting is a setting that runs a pragma: its names in the data source name, the last of which counts most, and
// the values allowed; none stand for any integer.
type pragmaSetting struct {
	names  []string
	pragma string
	values []string
}

// The order is that of running: what has to be set before a database is made comes first, query_only last.
var pragmaSettings = []pragmaSetting{
	{[]string{"_auto_vacuum", "_vacuum"}, "auto_vacuum", []string{"0", "none", "1", "full", "2", "incremental"}},
	{[]string{"_case_sensitive_like", "_cslike"}, "case_sensitive_like", switches},
	{[]string{"_defer_foreign_keys", "_defer_fk"}, "defer_foreign_keys", switches},
	{[]string{"_foreign_keys", "_fk"}, "foreign_keys", switches},
	{[]string{"_ignore_check_constraints"}, "ignore_check_constraints", switches},
	{[]string{"_journal_mode", "_journal"}, "journal_mode",
		[]string{"delete", "truncate", "persist", "memory", "wal", "off"}},
	{[]string{"_locking_mode", "_locking"}, "locking_mode", []string{"normal", "exclusive"}},
	{[]string{"_recursive_triggers", "_rt"}, "recursive_triggers", switches},
	{[]string{"_secure_delete"}, "secure_delete", append([]string{"fast"}, switches...)},
	{[]string{"_synchronous", "_sync"}, "synchronous",
		[]string{"0", "off", "1", "normal", "2", "full", "3", "extra"}},
	{[]string{"_writable_schema"}, "writable_schema", switches},
	{[]string{"_cache_size"}, "cache_size", nil},
	{[]string{"_query_only"}, "query_only", switches},
}

// parseName takes the settings, which begin with "_", out of the name; the others stay for the URI.
func parseName(name string) (settings, error) {
	result := settings{
		path: name, busyTimeout: defaultBusyTimeout, begin: "BEGIN",
		flags: capi.OpenReadWrite | capi.OpenCreate | capi.OpenURI,
	}
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
	if err := result.take(values); err != nil {
		return result, err
	}
	if strings.HasPrefix(path, "file:") {
		if len(values) > 0 {
			path += "?" + values.Encode()
		}
	} else {
		result.takePlain(values)
	}
	result.path = path
	return result, nil
}

// take reads the settings and removes them from the values.
func (s *settings) take(values url.Values) error {
	for _, one := range pragmaSettings {
		if err := s.takePragma(values, one); err != nil {
			return err
		}
	}
	for key, all := range values {
		if !strings.HasPrefix(key, "_") {
			continue
		}
		values.Del(key)
		if key == "_pragma" {
			for _, pragma := range all {
				s.pragmas = append(s.pragmas, "PRAGMA "+pragma)
			}
		} else if err := s.set(key, all[len(all)-1]); err != nil {
			return err
		}
	}
	return nil
}

func (s *settings) takePragma(values url.Values, setting pragmaSetting) error {
	for _, name := range setting.names {
		value := strings.ToLower(values.Get(name))
		values.Del(name)
		if value == "" {
			continue
		}
		if !allows(setting.values, value) {
			if setting.values == nil {
				return usageError("%s is %q, not an integer", name, value)
			}
			return usageError("%s is %q, not one of %s", name, value, strings.Join(setting.values, ", "))
		}
		s.pragmas = append(s.pragmas, "PRAGMA "+setting.pragma+"="+value)
	}
	return nil
}

func allows(values []string, value string) bool {
	if values == nil {
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	}
	for _, one := range values {
		if one == value {
			return true
		}
	}
	return false
}

func (s *settings) set(key, value string) error {
	var err error
	switch key {
	case "_busy_timeout", "_timeout":
		if s.busyTimeout, err = strconv.Atoi(value); err != nil {
			return usageError("%s is %q, not a number of milliseconds", key, value)
		}
	case "_txlock":
		switch strings.ToLower(value) {
		case "deferred":
			s.begin = "BEGIN"
		case "immediate", "exclusive":
			s.begin = "BEGIN " + strings.ToUpper(value)
		default:
			return usageError("_txlock is %q, not deferred, immediate or exclusive", value)
		}
	case "_types":
		if value != "auto" && value != "raw" {
			return usageError("_types is %q, not auto or raw", value)
		}
		s.rawTypes = value == "raw"
	case "_loc":
		if s.location, err = location(value); err != nil {
			return usageError("_loc is %q: %v", value, err)
		}
	case "_mutex":
		switch strings.ToLower(value) {
		case "no":
			s.flags |= capi.OpenNoMutex
		case "full":
			s.flags |= capi.OpenFullMutex
		default:
			return usageError("_mutex is %q, not no or full", value)
		}
	case "_stmt_cache_size":
		// The library keeps the programs of known texts itself.
		if size, err := strconv.Atoi(value); err != nil || size < 0 {
			return usageError("_stmt_cache_size is %q, not a number of statements", value)
		}
	default:
		return usageError("unknown setting %q in the data source name", key)
	}
	return nil
}

func location(name string) (*time.Location, error) {
	if strings.EqualFold(name, "auto") {
		return time.Local, nil
	}
	return time.LoadLocation(name)
}

// takePlain reads what a plain path, which is no URI, is given in the manner of one.
func (s *settings) takePlain(values url.Values) {
	s.vfs = values.Get("vfs")
	if values.Get("mode") == "ro" {
		s.flags = s.flags&^(capi.OpenReadWrite|capi.OpenCreate) | capi.OpenReadOnly
	}
}
