package analyze

import (
	"fmt"
	"math/rand"
	"runtime/debug"
	"testing"

	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestDamagedTrees: a tree in which something is missing is not understood, but nothing breaks.
func TestDamagedTrees(t *testing.T) {
	c, pairs := readRecorded(t, "testdata/pairs-17.jsonl")
	e := newEnv(c)
	r := rand.New(rand.NewSource(1))
	n := 0
	for _, p := range pairs {
		q := p.questions(t)[0]
		src := source{q.Desired, q.Path, exprAt(q.Desired, q.Path)}
		whole := parseOne(src)
		if whole.err != nil {
			t.Fatal(whole.err)
		}
		for range 20 {
			tree := proto.Clone(whole.tree).(*pg.Node)
			what := damage(r, tree)
			func() {
				defer func() {
					if err := recover(); err != nil {
						t.Errorf("%s without %s: %v\n%s", src.expr.Text, what, err, debug.Stack())
					}
				}()
				e.analyze(src, tree)
				n++
			}()
		}
	}
	if n < 5000 {
		t.Errorf("only %d trees", n)
	}
}

// damage takes one field out of the tree and says which.
func damage(r *rand.Rand, tree *pg.Node) string {
	type place struct {
		m  protoreflect.Message
		fd protoreflect.FieldDescriptor
	}
	var places []place
	walkMessages(tree.ProtoReflect(), func(m protoreflect.Message) {
		m.Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
			places = append(places, place{m, fd})
			return true
		})
	})
	if len(places) == 0 {
		return "nothing"
	}
	p := places[r.Intn(len(places))]
	what := fmt.Sprintf("%s of %s", p.fd.Name(), p.m.Descriptor().Name())
	if l := p.m.Get(p.fd); p.fd.IsList() && l.List().Len() > 1 {
		p.m.Mutable(p.fd).List().Truncate(l.List().Len() - 1)
		return "the last " + what
	}
	p.m.Clear(p.fd)
	return what
}
