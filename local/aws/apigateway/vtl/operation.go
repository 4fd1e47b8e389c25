package vtl

import "math/big"

// binary is operands joined by operators of one rank.
type binary struct {
	first expr
	rest  []operation
}

type operation struct {
	op    operator
	at    place
	right expr
	// what + joins to a string instead of a side that has no value
	leftLiteral, rightLiteral string
}

func (b *binary) value(x *exec) (Value, error) {
	v, err := b.first.value(x)
	for i := range b.rest {
		if err != nil {
			return nil, err
		}
		o := &b.rest[i]
		if err = x.spend(1, o.at); err != nil {
			return nil, err
		}
		right, e := o.right.value(x)
		if e != nil {
			return nil, e
		}
		v, err = o.apply(x, v, right)
		err = x.fail(o.at, err)
	}
	return v, err
}

// truth of a calculation is false, as in Velocity; that of a comparison is its value.
func (b *binary) truth(x *exec) (bool, error) {
	v, err := b.value(x)
	switch b.rest[len(b.rest)-1].op {
	case opPlus, opMinus, opMultiply, opDivide, opModulo:
		return false, nil
	}
	ok, _ := v.(bool)
	return ok, err
}

func (o *operation) apply(x *exec, a, b Value) (Value, error) {
	switch o.op {
	case opEqual:
		return result(x.looselyEqual(a, b))
	case opNotEqual:
		same, err := x.looselyEqual(a, b)
		return !same, err
	case opLess, opLessEqual, opGreater, opGreaterEqual:
		return o.compare(a, b)
	case opPlus:
		if v, done, err := o.join(x, a, b); done || err != nil {
			return v, err
		}
	}
	if !isNumber(a) || !isNumber(b) {
		return nil, nil
	}
	if err := x.chargeNumbers(a, b); err != nil {
		return nil, err
	}
	return calculate(o.op, a, b)
}

// chargeNumbers charges for large numbers.
func (x *exec) chargeNumbers(a, b Value) error {
	m, ok1 := a.(*big.Int)
	n, ok2 := b.(*big.Int)
	switch {
	case ok1 && ok2:
		return x.charge(m.BitLen() * (1 + n.BitLen()/64))
	case ok1:
		return x.charge(m.BitLen())
	case ok2:
		return x.charge(n.BitLen())
	}
	return nil
}

// join is + when one side is a string. done is false when none is.
func (o *operation) join(x *exec, a, b Value) (v Value, done bool, err error) {
	_, left := a.(string)
	_, right := b.(string)
	if !left && !right {
		return nil, false, nil
	}
	if a == nil {
		a = o.leftLiteral
	}
	if b == nil {
		b = o.rightLiteral
	}
	s, err := x.str(a)
	if err != nil {
		return nil, true, err
	}
	t, err := x.str(b)
	if err != nil {
		return nil, true, err
	}
	v, err = result(x.concat(s, t))
	return v, true, err
}

// compare is < <= > >=, which only numbers have: anything else is false.
func (o *operation) compare(a, b Value) (Value, error) {
	if !isNumber(a) || !isNumber(b) {
		return false, nil
	}
	c, err := compareNumbers(a, b)
	if err != nil {
		return nil, err
	}
	switch o.op {
	case opLess:
		return c < 0, nil
	case opLessEqual:
		return c <= 0, nil
	case opGreater:
		return c > 0, nil
	}
	return c >= 0, nil
}

// looselyEqual is ==: numbers by value, objects of one class by equals, others by what they render as. An absent value equals the empty string
// (assumed of API Gateway, whose templates compare with "" to find absent values); in stock Velocity it equals an absent value only.
func (x *exec) looselyEqual(a, b Value) (bool, error) {
	if s, ok := a.(string); ok {
		if t, ok := b.(string); ok {
			return s == t, nil
		}
	}
	switch {
	case a == nil && b == nil:
		return true, nil
	case a == nil || b == nil:
		return !x.limits.stock && (a == Value("") || b == Value("")), nil
	case isNumber(a) && isNumber(b):
		c, err := compareNumbers(a, b)
		return c == 0, err
	case isBuiltin(a) && className(a) == className(b):
		return x.equal(a, b, 0)
	}
	s, err := x.str(a)
	if err != nil {
		return false, err
	}
	t, err := x.str(b)
	return s == t, err
}

// logic is && and ||.
type logic struct {
	operands []expr
	and      bool
}

// joinLogic adds an operand to a chain of the same operator.
func joinLogic(left, right expr, and bool) expr {
	if l, ok := left.(*logic); ok && l.and == and {
		l.operands = append(l.operands, right)
		return l
	}
	return &logic{operands: []expr{left, right}, and: and}
}

func (l *logic) truth(x *exec) (bool, error) {
	for _, o := range l.operands {
		ok, err := o.truth(x)
		if err != nil || ok != l.and {
			return ok, err
		}
	}
	return l.and, nil
}

func (l *logic) value(x *exec) (Value, error) {
	return result(l.truth(x))
}

// not is !.
type not struct{ operand expr }

func (n *not) truth(x *exec) (bool, error) {
	ok, err := n.operand.truth(x)
	return !ok && err == nil, err
}

func (n *not) value(x *exec) (Value, error) {
	return result(n.truth(x))
}
