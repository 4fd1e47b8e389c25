package vtl

import (
	"errors"
	"fmt"
)

// ifStatement is #if … #elseif … #else … #end.
type ifStatement struct {
	at        place
	branches  []branch
	otherwise block
}

type branch struct {
	condition expr
	body      block
}

func (s *ifStatement) render(x *exec) error {
	if err := x.spend(1, s.at); err != nil {
		return err
	}
	for i := range s.branches {
		ok, err := s.branches[i].condition.truth(x)
		if err != nil {
			return x.fail(s.at, err)
		}
		if ok {
			return s.branches[i].body.render(x)
		}
	}
	return s.otherwise.render(x)
}

// setDirective is #set. Setting to something that has no value changes nothing, as in stock Velocity.
type setDirective struct {
	at    place
	left  *reference
	right expr
}

func (s *setDirective) render(x *exec) error {
	if err := x.spend(1, s.at); err != nil {
		return err
	}
	v, err := s.right.value(x)
	if err != nil || v == nil {
		return x.fail(s.at, err)
	}
	return s.left.assign(x, v)
}

// stop is #stop and #break.
type stop struct {
	at       place
	isBreak  bool
	argument expr // of #break($foreach.parent); that of #stop is ignored
}

func newStop(name string, args []expr, at place) *stop {
	s := &stop{at: at, isBreak: name == "break"}
	if len(args) == 1 {
		s.argument = args[0]
	}
	return s
}

func (s *stop) render(x *exec) error {
	if err := x.spend(1, s.at); err != nil {
		return err
	}
	if s.argument == nil {
		if s.isBreak {
			return errBreak
		}
		return errStop
	}
	v, err := s.argument.value(x)
	switch {
	case err != nil:
		return x.fail(s.at, err)
	case !s.isBreak:
		return errStop
	}
	scope, ok := v.(*foreachScope)
	if !ok {
		return x.fail(s.at, fmt.Errorf("running #break: its argument is not the $foreach of a loop"))
	}
	return &breakOut{scope}
}

// define is #define: it sets a variable to a block, which is rendered where the variable is.
type define struct {
	at   place
	slot int
	body block
}

type definedBlock struct {
	*define
	depth int // of renderings within each other
}

func (d *define) render(x *exec) error {
	if err := x.spend(1, d.at); err != nil {
		return err
	}
	x.vars[d.slot] = &definedBlock{define: d}
	return nil
}

// maxDefineDepth is how often a block can be rendered within itself; more is an undefined reference, as in Velocity 1.7.
const maxDefineDepth = 2

// writeDefined renders a block. #break ends it as it ends a loop.
func (x *exec) writeDefined(d *definedBlock) error {
	if d.depth == maxDefineDepth {
		return nil
	}
	d.depth++
	err := d.body.render(x)
	d.depth--
	if errors.Is(err, errBreak) {
		return nil
	}
	return err
}
