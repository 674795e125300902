package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// Frame options of pg's WindowDef.
const (
	frameNonDefault     = 0x00001
	frameRange          = 0x00002
	frameRows           = 0x00004
	frameGroups         = 0x00008
	frameBetween        = 0x00010
	frameStartUnbounded = 0x00020
	frameEndCurrentRow  = 0x00400
	frameDefaults       = frameRange | frameStartUnbounded | frameEndCurrentRow
	maxWindowReferences = 16
)

// window is OVER (…). Windows that are named are put in where they are used.
func (a *analyzer) window(w *pg.WindowDef, s *scope) node {
	d, ok := resolveWindow(w, s, maxWindowReferences)
	if !ok {
		name := w.Name + w.Refname
		return a.trouble(w.Location, "window %q does not exist", name)
	}
	n := &clause{what: "OVER"}
	if len(d.PartitionClause) > 0 {
		p := &clause{what: "PARTITION BY"}
		for _, x := range d.PartitionClause {
			p.args = append(p.args, a.textIfUnknown(a.expr(x, s)))
		}
		n.args = append(n.args, p)
	}
	var sorted []expr
	if len(d.OrderClause) > 0 {
		o := &clause{what: "ORDER BY"}
		for _, x := range d.OrderClause {
			e := a.textIfUnknown(a.expr(x.GetSortBy().GetNode(), s))
			sorted = append(sorted, e)
			o.args = append(o.args, &clause{sortOrder(x.GetSortBy()), []node{e}})
		}
		n.args = append(n.args, o)
	}
	if f := a.frame(d, sorted, s); f != nil {
		n.args = append(n.args, f)
	}
	return n
}

// resolveWindow replaces the reference to a window of the WINDOW clause by what it says.
func resolveWindow(w *pg.WindowDef, s *scope, left int) (*pg.WindowDef, bool) {
	ref := w.Name
	if ref == "" {
		ref = w.Refname
	}
	if ref == "" {
		return w, true
	}
	named, ok := s.windows[ref]
	if !ok || left == 0 {
		return nil, false
	}
	base := &pg.WindowDef{
		Refname: named.Refname, PartitionClause: named.PartitionClause, OrderClause: named.OrderClause,
		FrameOptions: named.FrameOptions, StartOffset: named.StartOffset, EndOffset: named.EndOffset,
	}
	base, ok = resolveWindow(base, s, left-1)
	if !ok || w.Name != "" {
		return base, ok
	}
	d := &pg.WindowDef{
		PartitionClause: base.PartitionClause, OrderClause: base.OrderClause,
		FrameOptions: w.FrameOptions, StartOffset: w.StartOffset, EndOffset: w.EndOffset,
	}
	if len(d.OrderClause) == 0 {
		d.OrderClause = w.OrderClause
	}
	return d, true
}

// frame is the frame clause, nil if it says what holds without one.
func (a *analyzer) frame(d *pg.WindowDef, sorted []expr, s *scope) node {
	options := int(d.FrameOptions) &^ (frameNonDefault | frameBetween)
	if d.FrameOptions&frameNonDefault == 0 || options == frameDefaults {
		return nil
	}
	n := &clause{what: "frame " + itoa(options)}
	for _, x := range []*pg.Node{d.StartOffset, d.EndOffset} {
		if x == nil {
			n.args = append(n.args, &clause{what: "no offset"})
			continue
		}
		n.args = append(n.args, a.frameOffset(a.expr(x, s), options, sorted))
	}
	return n
}

// frameOffset is transformFrameOffset.
func (a *analyzer) frameOffset(e expr, options int, sorted []expr) node {
	if options&(frameRows|frameGroups) != 0 {
		return a.bring(e, tInt8, "")
	}
	if !isUnknown(e) || len(sorted) != 1 {
		return e
	}
	switch t := sorted[0].value().typ; t {
	case tTimestamp, tTimestamptz, tDate, tTime, tTimetz:
		return a.coerceTo(e, tInterval, "", implicit)
	default:
		return a.coerceTo(e, t, "", implicit)
	}
}
