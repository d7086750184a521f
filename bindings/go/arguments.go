package keelback

import "database/sql/driver"

// arguments are what a call was given for the parameters of its statements: nameless ones go one after the other to the
// parameters that no name fits, named ones to every parameter of the name, if there is one.
type arguments struct {
	nameless []driver.Value
	taken    int
	named    map[string]driver.Value
}

func newArguments(values []driver.NamedValue) *arguments {
	given := &arguments{}
	for _, value := range values {
		if value.Name == "" {
			given.nameless = append(given.nameless, value.Value)
			continue
		}
		if given.named == nil {
			given.named = map[string]driver.Value{}
		}
		given.named[value.Name] = value.Value
	}
	return given
}

// take gives the value of the next parameter, whose name has its sign (":a") or is "".
func (a *arguments) take(name string) (driver.Value, error) {
	if name != "" {
		if value, found := a.named[name[1:]]; found {
			return value, nil
		}
	}
	if a.taken == len(a.nameless) {
		if name != "" && a.named != nil {
			return nil, usageError("no argument for the parameter %s", name)
		}
		return nil, usageError("not enough args to execute query: more than the %d given", len(a.nameless))
	}
	a.taken++
	return a.nameless[a.taken-1], nil
}

// checkAllTaken tells of nameless arguments that no statement has taken.
func (a *arguments) checkAllTaken() error {
	if a.taken < len(a.nameless) {
		return usageError("the statements have %d parameters, and %d arguments were given", a.taken, len(a.nameless))
	}
	return nil
}

func ordinal(values []driver.Value) []driver.NamedValue {
	result := make([]driver.NamedValue, len(values))
	for i, value := range values {
		result[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	return result
}
