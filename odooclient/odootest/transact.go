package odootest

import (
	"context"
	"strings"
	"time"
)

// execute finds the method of a JSON-RPC call and runs it.
func (s *Server) execute(ctx context.Context, who login, modelName, name string, args []any, kwargs map[string]any) (any, FaultMode, error) {
	m := s.models[modelName]
	if m == nil {
		return nil, None, userError("Object %s doesn't exist", modelName)
	}
	md, err := s.method(m, name)
	if err != nil {
		return nil, None, err
	}
	return s.run(ctx, who, m, name, md, args, kwargs)
}

// method finds what may be called from outside.
func (s *Server) method(m *model, name string) (*method, error) {
	if strings.HasPrefix(name, "_") || s.edition.private[name] {
		return nil, newFault("odoo.exceptions.AccessError", "Private methods (such as %s) cannot be called remotely.", s.edition.callable(m, name))
	}
	if md := m.methods[name]; md != nil {
		return md, nil
	}
	if md := s.base[name]; md != nil {
		return md, nil
	}
	return nil, s.edition.noMethod(m, name)
}

// run waits as long as Latency says and runs the method, with what Fault asks for.
func (s *Server) run(ctx context.Context, who login, m *model, name string, md *method, args []any, kwargs map[string]any) (any, FaultMode, error) {
	mode := s.faultFor(m.name, name)
	if mode == DropBefore || mode == Err500 {
		return nil, mode, nil
	}
	if err := s.wait(ctx, m.name, name); err != nil {
		return nil, DropBefore, nil // the caller is gone before anything ran
	}
	s.count(m.name + "." + name)
	if mode == Serialize {
		return s.lose(name, kwargs, args)
	}
	result, err := s.transact(who, m, name, md, args, kwargs)
	return result, mode, err
}

func (s *Server) wait(ctx context.Context, model, method string) error {
	if s.opt.Latency == nil {
		return nil
	}
	d := s.opt.Latency(model, method)
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// transact runs one method as one transaction: it commits as a whole or leaves
// no trace.
func (s *Server) transact(who login, m *model, name string, md *method, args []any, kwargs map[string]any) (result any, err error) {
	context, _ := kwargs["context"].(map[string]any)
	delete(kwargs, "context")
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.begin(who.id, false, context)
	committed := false
	defer func() {
		if !committed {
			e.back(0)
		}
	}()
	if err := e.allowed(m, md.op); err != nil {
		return nil, err
	}
	if name != "load" && md.op != "-" { // load reports it with every row
		if err := e.companies(); err != nil {
			return nil, err
		}
	}
	c, err := e.bindArgs(m, name, md, args, kwargs)
	if err != nil {
		return nil, err
	}
	if err := e.seen(m, c.rs, md.op); err != nil && md.op != "-" {
		return nil, err
	}
	if result, err = md.run(e, c); err != nil {
		return nil, err
	}
	e.flush()
	committed = true
	for id := range e.orders {
		s.writes[id]++
	}
	return result, nil
}
