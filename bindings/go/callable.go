package keelback

import (
	"fmt"
	"math"
	"reflect"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

var (
	errorType = reflect.TypeOf((*error)(nil)).Elem()
	bytesType = reflect.TypeOf([]byte(nil))
)

// callable is a Go function that SQL may call, with the conversions of its arguments and of its result.
type callable struct {
	function reflect.Value // not valid for a type alone
	kind     reflect.Type
}

func newCallable(function reflect.Value) (*callable, error) {
	if function.Kind() != reflect.Func || function.IsNil() {
		return nil, fmt.Errorf("it is not a function")
	}
	called, err := newCallableOf(function.Type())
	if err != nil {
		return nil, err
	}
	called.function = function
	return called, nil
}

func newCallableOf(kind reflect.Type) (*callable, error) {
	for i := 0; i < kind.NumIn(); i++ {
		parameter := kind.In(i)
		if kind.IsVariadic() && i == kind.NumIn()-1 {
			parameter = parameter.Elem()
		}
		if !isConvertible(parameter) {
			return nil, fmt.Errorf("no SQL value can be a %v", parameter)
		}
	}
	return &callable{kind: kind}, nil
}

func isConvertible(kind reflect.Type) bool {
	switch kind.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		return kind.Elem().Kind() == reflect.Uint8
	case reflect.Interface:
		return kind.NumMethod() == 0
	}
	return false
}

// count is the number of SQL arguments, -1 for any.
func (c *callable) count() int {
	if c.kind.IsVariadic() {
		return -1
	}
	return c.kind.NumIn()
}

func (c *callable) checkResult() error {
	outputs := c.kind.NumOut()
	if outputs != 1 && outputs != 2 || outputs == 2 && c.kind.Out(1) != errorType {
		return fmt.Errorf("it has to return one value, or a value and an error")
	}
	if !isConvertible(c.kind.Out(0)) {
		return fmt.Errorf("no SQL value can be made of a %v", c.kind.Out(0))
	}
	return nil
}

// outcome is what a call gave: a value, unless the function returns nothing but an error, and an error.
type outcome struct {
	value reflect.Value
	err   error
}

func (c *callable) call(arguments []capi.Value) outcome {
	fixed := c.kind.NumIn()
	if c.kind.IsVariadic() {
		fixed--
	}
	if len(arguments) < fixed {
		return outcome{err: fmt.Errorf("at least %d arguments are needed", fixed)}
	}
	inputs := make([]reflect.Value, len(arguments))
	for i, argument := range arguments {
		target := c.kind.In(min(i, c.kind.NumIn()-1))
		if i >= fixed {
			target = target.Elem()
		}
		input, err := argumentOf(argument, target)
		if err != nil {
			return outcome{err: fmt.Errorf("argument %d %v", i+1, err)}
		}
		inputs[i] = input
	}
	results := c.function.Call(inputs)
	if len(results) == 0 {
		return outcome{}
	}
	last := results[len(results)-1]
	if last.Type() != errorType {
		return outcome{value: last}
	}
	if !last.IsNil() {
		return outcome{err: last.Interface().(error)}
	}
	return outcome{value: results[0]}
}

// conversionError is the end of a sentence that begins with the argument.
type conversionError string

func (e conversionError) Error() string { return string(e) }

func argumentOf(value capi.Value, target reflect.Type) (reflect.Value, error) {
	storage := capi.ValueType(value)
	made := reflect.New(target).Elem()
	switch target.Kind() {
	case reflect.Interface:
		made.Set(reflect.ValueOf(anyOf(value, storage)))
		return made, nil
	case reflect.Slice:
		if storage == capi.Null {
			return made, nil
		}
		if storage != capi.Blob && storage != capi.Text {
			return made, conversionError("has to be a BLOB or TEXT")
		}
		made.SetBytes(capi.ValueBlob(value))
		return made, nil
	case reflect.String:
		if storage != capi.Blob && storage != capi.Text {
			return made, conversionError("has to be TEXT or a BLOB")
		}
		made.SetString(capi.ValueText(value))
		return made, nil
	case reflect.Float32, reflect.Float64:
		if storage != capi.Float && storage != capi.Integer {
			return made, conversionError("has to be a REAL or an INTEGER")
		}
		made.SetFloat(capi.ValueDouble(value))
		return made, nil
	}
	if storage != capi.Integer {
		return made, conversionError("has to be an INTEGER")
	}
	return made, setInteger(made, capi.ValueInt64(value))
}

func setInteger(made reflect.Value, number int64) error {
	switch {
	case made.Kind() == reflect.Bool:
		made.SetBool(number != 0)
	case made.CanInt() && !made.OverflowInt(number):
		made.SetInt(number)
	case made.CanUint() && number >= 0 && !made.OverflowUint(uint64(number)):
		made.SetUint(uint64(number))
	default:
		return conversionError("does not fit a " + made.Type().String())
	}
	return nil
}

func anyOf(value capi.Value, storage int) any {
	switch storage {
	case capi.Integer:
		return capi.ValueInt64(value)
	case capi.Float:
		return capi.ValueDouble(value)
	case capi.Text:
		return capi.ValueText(value)
	case capi.Blob:
		return capi.ValueBlob(value)
	}
	return []byte(nil)
}

// leave makes an outcome the result of the call.
func (c *callable) leave(context capi.Context, result outcome) {
	if result.err != nil {
		capi.ResultError(context, result.err.Error())
		return
	}
	value := result.value
	if value.Kind() == reflect.Interface {
		if value.IsNil() {
			capi.ResultNull(context)
			return
		}
		value = value.Elem()
	}
	switch {
	case value.Kind() == reflect.Bool:
		number := int64(0)
		if value.Bool() {
			number = 1
		}
		capi.ResultInt64(context, number)
	case value.CanInt():
		capi.ResultInt64(context, value.Int())
	case value.CanUint() && value.Uint() <= math.MaxInt64:
		capi.ResultInt64(context, int64(value.Uint()))
	case value.CanFloat():
		capi.ResultDouble(context, value.Float())
	case value.Kind() == reflect.String:
		capi.ResultText(context, value.String())
	case value.Type().ConvertibleTo(bytesType) && value.Kind() == reflect.Slice:
		if value.IsNil() {
			capi.ResultNull(context)
			return
		}
		capi.ResultBlob(context, value.Bytes())
	default:
		capi.ResultError(context, fmt.Sprintf("%v is no SQL value", value))
	}
}
