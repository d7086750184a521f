package keelback

import (
	"fmt"
	"reflect"

	"github.com/keelback/keelback/bindings/go/internal/capi"
)

// RegisterFunc makes an SQL function of a Go function.
//
// Its parameters may be of any integer, float, bool, string or []byte type, or `any`; the last may be variadic. NULL is a
// nil []byte, also as `any`, and an error to the other types. It returns one value of such a type, and an error behind it
// if it likes. `pure` says that equal arguments give equal results, which allows the function in indexes and generated
// columns.
func (c *Conn) RegisterFunc(name string, function any, pure bool) error {
	if c.db == nil {
		return errClosed
	}
	called, err := newCallable(reflect.ValueOf(function))
	if err != nil {
		return usageError("function %s: %v", name, err)
	}
	if err := called.checkResult(); err != nil {
		return usageError("function %s: %v", name, err)
	}
	scalar := func(context capi.Context, arguments []capi.Value) {
		c.guardCall(context, func() { called.leave(context, called.call(arguments)) })
	}
	return c.check(capi.CreateScalar(c.db, name, called.count(), functionFlags(pure), scalar))
}

// RegisterAggregator makes an SQL aggregate function of a constructor: a function that returns an object for each group
// (and an error behind it if it likes). The object has a method Step, which is given a row's arguments and may return an
// error, and Done, which returns the result as a function of RegisterFunc does. With the methods Inverse, which takes a
// row out again, and Value, the result so far, it is a window function as well.
func (c *Conn) RegisterAggregator(name string, constructor any, pure bool) error {
	if c.db == nil {
		return errClosed
	}
	kind, err := newAggregateKind(reflect.ValueOf(constructor))
	if err != nil {
		return usageError("aggregate %s: %v", name, err)
	}
	begin := func() capi.Group { return kind.begin(c) }
	code := capi.CreateAggregate(c.db, name, kind.arguments, functionFlags(pure), begin, kind.isWindow)
	return c.check(code)
}

func functionFlags(pure bool) int {
	if pure {
		return capi.UTF8 | capi.Deterministic
	}
	return capi.UTF8
}

// guardCall runs a function that C called; a panic stops the statement, and goes on in Go.
func (c *Conn) guardCall(context capi.Context, body func()) {
	hasReturned := false
	c.protect(func() {
		body()
		hasReturned = true
	})
	if !hasReturned {
		capi.ResultError(context, "a Go function panicked")
	}
}

// aggregateKind is an aggregate function: how groups begin, and the types of its methods.
type aggregateKind struct {
	constructor reflect.Value
	arguments   int
	isWindow    bool
}

func newAggregateKind(constructor reflect.Value) (*aggregateKind, error) {
	if constructor.Kind() != reflect.Func || constructor.IsNil() {
		return nil, fmt.Errorf("the constructor is not a function")
	}
	kind := constructor.Type()
	if kind.NumIn() != 0 || kind.NumOut() != 1 && (kind.NumOut() != 2 || kind.Out(1) != errorType) {
		return nil, fmt.Errorf("the constructor has to be func() T or func() (T, error)")
	}
	made := kind.Out(0)
	if made.Kind() != reflect.Ptr && made.Kind() != reflect.Interface {
		return nil, fmt.Errorf("the constructor has to return a pointer or an interface")
	}
	step, err := methodOf(made, "Step")
	if err != nil {
		return nil, err
	}
	if step.kind.NumOut() > 1 || step.kind.NumOut() == 1 && step.kind.Out(0) != errorType {
		return nil, fmt.Errorf("Step may return nothing but an error")
	}
	for _, name := range []string{"Done", "Value"} {
		method, err := methodOf(made, name)
		if name == "Value" && err != nil {
			break
		}
		if err == nil {
			err = method.checkResult()
		}
		if err != nil {
			return nil, err
		}
		if method.kind.NumIn() != 0 {
			return nil, fmt.Errorf("%s may not have parameters", name)
		}
	}
	_, hasValue := made.MethodByName("Value")
	inverse, hasInverse := made.MethodByName("Inverse")
	if hasInverse && inverse.Type.NumIn()-receivers(made) != step.kind.NumIn() {
		return nil, fmt.Errorf("Inverse needs the parameters of Step")
	}
	return &aggregateKind{constructor, step.count(), hasValue && hasInverse}, nil
}

// receivers is how many parameters a method's type has in front: an interface's methods have no receiver there.
func receivers(made reflect.Type) int {
	if made.Kind() == reflect.Interface {
		return 0
	}
	return 1
}

func methodOf(made reflect.Type, name string) (*callable, error) {
	method, found := made.MethodByName(name)
	if !found {
		return nil, fmt.Errorf("%v has no method %s", made, name)
	}
	kind := method.Type
	if receivers(made) == 1 {
		inputs := make([]reflect.Type, 0, kind.NumIn())
		for i := 1; i < kind.NumIn(); i++ {
			inputs = append(inputs, kind.In(i))
		}
		outputs := make([]reflect.Type, 0, kind.NumOut())
		for i := 0; i < kind.NumOut(); i++ {
			outputs = append(outputs, kind.Out(i))
		}
		kind = reflect.FuncOf(inputs, outputs, kind.IsVariadic())
	}
	return newCallableOf(kind)
}

// group is one group of an aggregate function; what its constructor reported is the result of every step.
type group struct {
	conn    *Conn
	object  reflect.Value
	failure error
}

func (k *aggregateKind) begin(conn *Conn) capi.Group {
	made := &group{conn: conn}
	conn.protect(func() {
		results := k.constructor.Call(nil)
		made.object = results[0]
		if len(results) == 2 && !results[1].IsNil() {
			made.failure = results[1].Interface().(error)
		} else if made.object.IsNil() {
			made.failure = fmt.Errorf("the constructor of the aggregate returned nil")
		}
	})
	if !made.object.IsValid() && made.failure == nil {
		made.failure = fmt.Errorf("the constructor of the aggregate panicked")
	}
	return made
}

func (g *group) run(context capi.Context, method string, arguments []capi.Value, hasResult bool) {
	if g.failure != nil {
		capi.ResultError(context, g.failure.Error())
		return
	}
	g.conn.guardCall(context, func() {
		called, err := newCallable(g.object.MethodByName(method))
		if err != nil {
			capi.ResultError(context, err.Error())
			return
		}
		outcome := called.call(arguments)
		if hasResult || outcome.err != nil {
			called.leave(context, outcome)
		}
	})
}

// Step is capi.Group's.
func (g *group) Step(context capi.Context, arguments []capi.Value) {
	g.run(context, "Step", arguments, false)
}

// Inverse is capi.Group's.
func (g *group) Inverse(context capi.Context, arguments []capi.Value) {
	g.run(context, "Inverse", arguments, false)
}

// Value is capi.Group's.
func (g *group) Value(context capi.Context) { g.run(context, "Value", nil, true) }

// Final is capi.Group's.
func (g *group) Final(context capi.Context) { g.run(context, "Done", nil, true) }
