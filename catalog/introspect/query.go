package introspect

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"github.com/jackc/pgx/v5/pgconn"
)

// step is a query whatever its rows are.
type step interface {
	title() string
	statement() string
	load(*loader, *pgconn.ResultReader) error
}

// query is one statement. The fields of R are its columns, by position; a
// column that is null leaves the field's zero value.
type query[R any] struct {
	name string // what it reads, for errors
	sql  string
	add  func(*loader, R) error
	done func(*loader) // when all rows are added; may be nil
}

func (q query[R]) title() string     { return q.name }
func (q query[R]) statement() string { return q.sql }

func (q query[R]) load(l *loader, rows *pgconn.ResultReader) error {
	fields := decoders(reflect.TypeFor[R]())
	if n := len(rows.FieldDescriptions()); n != 0 && n != len(fields) {
		panic(fmt.Sprintf("introspect: the query for %s has %d columns, its row %d fields", q.name, n, len(fields)))
	}
	for rows.NextRow() {
		var r R
		v := reflect.ValueOf(&r).Elem()
		for i, b := range rows.Values() {
			if b != nil {
				fields[i](v.Field(i), b)
			}
		}
		if err := q.add(l, r); err != nil {
			rows.Close()
			return err
		}
	}
	if _, err := rows.Close(); err != nil {
		return err
	}
	if q.done != nil {
		q.done(l)
	}
	return nil
}

// oid is an object identifier of this database.
type oid uint32

// acl is an array of aclitem as text[] in wire format, which is a handy key: few
// different ones occur. Empty: null.
type acl string

// binaryFormat asks for all columns in PostgreSQL's binary wire format.
var binaryFormat = []int16{1}

type decoder func(v reflect.Value, b []byte)

func decoders(t reflect.Type) []decoder {
	ds := make([]decoder, t.NumField())
	for i := range ds {
		ds[i] = decoderOf(t.Field(i).Type)
	}
	return ds
}

func decoderOf(t reflect.Type) decoder {
	switch t.Kind() {
	case reflect.Bool:
		return func(v reflect.Value, b []byte) { v.SetBool(b[0] != 0) }
	case reflect.String:
		return func(v reflect.Value, b []byte) { v.SetString(string(b)) }
	case reflect.Int, reflect.Int64:
		return func(v reflect.Value, b []byte) { v.SetInt(integer(b)) }
	case reflect.Uint32:
		return func(v reflect.Value, b []byte) { v.SetUint(uint64(binary.BigEndian.Uint32(b))) }
	case reflect.Float64:
		return func(v reflect.Value, b []byte) { v.SetFloat(float(b)) }
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.Uint8:
			return func(v reflect.Value, b []byte) { v.SetBytes(append([]byte{}, b...)) }
		case reflect.String:
			return func(v reflect.Value, b []byte) {
				v.Set(reflect.ValueOf(array(b, func(b []byte) string { return string(b) })))
			}
		case reflect.Int:
			return func(v reflect.Value, b []byte) {
				v.Set(reflect.ValueOf(array(b, func(b []byte) int { return int(integer(b)) })))
			}
		case reflect.Uint32:
			return func(v reflect.Value, b []byte) {
				v.Set(reflect.ValueOf(array(b, func(b []byte) oid { return oid(binary.BigEndian.Uint32(b)) })))
			}
		}
	}
	panic("introspect: no decoder for " + t.String())
}

func integer(b []byte) int64 {
	switch len(b) {
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	}
	return int64(binary.BigEndian.Uint64(b))
}

func float(b []byte) float64 {
	if len(b) == 4 {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// array decodes a one-dimensional array (or int2vector, oidvector): number of
// dimensions, flags, element type; length and lower bound; then the elements.
func array[T any](b []byte, element func([]byte) T) []T {
	if len(b) < 20 {
		return nil
	}
	n := int(binary.BigEndian.Uint32(b[12:]))
	b = b[20:]
	out := make([]T, n)
	for i := range out {
		size := int32(binary.BigEndian.Uint32(b))
		b = b[4:]
		if size < 0 {
			continue
		}
		out[i] = element(b[:size])
		b = b[size:]
	}
	return out
}
