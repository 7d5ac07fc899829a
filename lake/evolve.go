package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// SchemaError says which change of a column Iceberg cannot express. Nothing was written.
type SchemaError struct {
	Table, Column string
	From, To      string // Iceberg's types
}

// Error names the table, the column and both types.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("table %s, column %q: Iceberg cannot turn %s into %s", e.Table, e.Column, e.From, e.To)
}

// evolution is how the columns of a table become those that are wanted. Columns are told by what they
// are, never by their place.
type evolution struct {
	add     []columnSchema
	drop    []string          // names
	rename  map[string]string // from the name that the column has
	widen   map[string]iceberg.Type
	docs    map[string]string
	columns map[string]int // field id by identity, of columns that stay
}

func (e *evolution) none() bool {
	return !e.moves() && len(e.docs) == 0
}

// moves reports whether rows that are there would look otherwise; a description alone changes none.
func (e *evolution) moves() bool { return len(e.add)+len(e.drop)+len(e.rename)+len(e.widen) > 0 }

// evolve compares a table with what is wanted. replace drops a column that cannot become what it
// should be, and adds another one with its name; older snapshots keep the old one.
func evolve(tbl *table.Table, name string, want tableSchema, replace bool) (*evolution, error) {
	held, err := heldColumns(tbl)
	if err != nil {
		return nil, err
	}
	e := &evolution{rename: map[string]string{}, widen: map[string]iceberg.Type{}, docs: map[string]string{}, columns: map[string]int{}}
	var problems []error
	for _, c := range want.columns {
		f, known := held[c.identity]
		switch {
		case !known:
			e.add = append(e.add, c)
			continue
		case !f.Type.Equals(c.typ) && !widens(f.Type, c.typ):
			if !replace || c.required {
				problems = append(problems, &SchemaError{name, c.name, f.Type.String(), c.typ.String()})
			}
			e.add, e.drop = append(e.add, c), append(e.drop, f.Name)
			continue
		case !f.Type.Equals(c.typ):
			e.widen[f.Name] = c.typ
		}
		e.columns[c.identity] = f.ID
		if f.Name != c.name {
			e.rename[f.Name] = c.name
		}
		if f.Doc != c.doc {
			e.docs[f.Name] = c.doc
		}
	}
	for _, identity := range slices.Sorted(maps.Keys(held)) {
		if !slices.ContainsFunc(want.columns, func(c columnSchema) bool { return c.identity == identity }) {
			e.drop = append(e.drop, held[identity].Name)
		}
	}
	return e, errors.Join(problems...)
}

// heldColumns are the fields of a table by what they are.
func heldColumns(tbl *table.Table) (map[string]iceberg.NestedField, error) {
	var ids map[string]int
	if err := json.Unmarshal([]byte(tbl.Properties().Get(propColumns, "{}")), &ids); err != nil {
		return nil, fmt.Errorf("property %s cannot be read: %w", propColumns, err)
	}
	held := map[string]iceberg.NestedField{}
	for identity, id := range ids {
		if f, ok := tbl.Schema().FindFieldByID(id); ok {
			held[identity] = f
		}
	}
	for _, f := range tbl.Schema().Fields() {
		if !slices.Contains(slices.Collect(maps.Values(ids)), f.ID) {
			return nil, fmt.Errorf("column %q was added by another program", f.Name)
		}
	}
	return held, nil
}

// widens reports whether every reader of the table format takes one type for the other.
func widens(from, to iceberg.Type) bool {
	switch from := from.(type) {
	case iceberg.Int32Type:
		return to.Equals(iceberg.PrimitiveTypes.Int64)
	case iceberg.Float32Type:
		return to.Equals(iceberg.PrimitiveTypes.Float64)
	case iceberg.DecimalType:
		wider, ok := to.(iceberg.DecimalType)
		return ok && wider.Scale() == from.Scale() && wider.Precision() >= from.Precision()
	}
	return false
}

// stage adds the changes to a transaction, and what each field is to the table's properties.
func (e *evolution) stage(txn *table.Transaction) error {
	u := txn.UpdateSchema(true, false)
	for _, name := range e.drop {
		u.DeleteColumn([]string{name})
	}
	for _, name := range changedNames(e) {
		u.UpdateColumn([]string{name}, e.update(name))
	}
	for _, c := range e.add {
		u.AddColumn([]string{c.name}, c.typ, c.doc, false, nil)
	}
	if err := u.Commit(); err != nil {
		return err
	}
	staged, err := txn.StagedTable()
	if err != nil {
		return err
	}
	for _, c := range e.add {
		f, ok := staged.Schema().FindFieldByName(c.name)
		if !ok {
			return fmt.Errorf("column %q was not added", c.name)
		}
		e.columns[c.identity] = f.ID
	}
	return setColumns(txn, e.columns)
}

// exchanges reports whether a column gets the name that another renamed one has, which iceberg-go does
// not do in one step.
func (e *evolution) exchanges() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(e.rename)), func(to string) bool { return e.rename[to] != "" })
}

// exchange commits the names alone, in a step of its own: rows are told by field ids, so that they are the
// same under the new names. Columns that are to go do so in this step, since one of the names may be theirs.
func (l *Lake) exchange(ctx context.Context, tbl *table.Table, e *evolution) (*table.Table, error) {
	var fields []iceberg.NestedField
	for _, f := range tbl.Schema().Fields() {
		if slices.Contains(e.drop, f.Name) {
			continue
		}
		if to, ok := e.rename[f.Name]; ok {
			f.Name = to
		}
		fields = append(fields, f)
	}
	update := table.NewAddSchemaUpdate(iceberg.NewSchema(tbl.Schema().ID+1, fields...))
	reqs := []table.Requirement{table.AssertCurrentSchemaID(tbl.Schema().ID)}
	if s := tbl.CurrentSnapshot(); s != nil {
		reqs = append(reqs, table.AssertRefSnapshotID(table.MainBranch, &s.SnapshotID))
	}
	if err := l.metadata(ctx, tbl, reqs, update, table.NewSetCurrentSchemaUpdate(-1)); err != nil {
		return nil, err
	}
	way := e.rename
	e.rename, e.drop = map[string]string{}, nil
	e.follow(way)
	return l.catalog.LoadTable(ctx, tbl.Identifier())
}

// follow replaces the names that columns had by those they have now.
func (e *evolution) follow(way map[string]string) {
	e.widen, e.docs = renamed(e.widen, way), renamed(e.docs, way)
}

func renamed[V any](m map[string]V, way map[string]string) map[string]V {
	out := map[string]V{}
	for name, v := range m {
		if to, ok := way[name]; ok {
			name = to
		}
		out[name] = v
	}
	return out
}

func changedNames(e *evolution) []string {
	names := slices.Collect(maps.Keys(e.rename))
	names = slices.AppendSeq(names, maps.Keys(e.widen))
	names = slices.AppendSeq(names, maps.Keys(e.docs))
	slices.Sort(names)
	return slices.Compact(names)
}

func (e *evolution) update(name string) (u table.ColumnUpdate) {
	if to, ok := e.rename[name]; ok {
		u.Name = iceberg.Optional[string]{Val: to, Valid: true}
	}
	if to, ok := e.widen[name]; ok {
		u.FieldType = iceberg.Optional[iceberg.Type]{Val: to, Valid: true}
	}
	if doc, ok := e.docs[name]; ok {
		u.Doc = iceberg.Optional[string]{Val: doc, Valid: true}
	}
	return u
}

func setColumns(txn *table.Transaction, ids map[string]int) error {
	return txn.SetProperties(iceberg.Properties{propColumns: columnsProperty(ids)})
}

func columnsProperty(ids map[string]int) string {
	document, _ := json.Marshal(ids) // texts and numbers
	return string(document)
}
