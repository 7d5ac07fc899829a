package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	arrow17 "github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/workflows/tables"
)

// keyColumn is the column of a form's table by which its rows are found.
const keyColumn = "recordId"

// targets are the tables of a study: those of its forms in the order of the plan, and those that every
// study has.
func (r *run) targets() ([]target, error) {
	keys := make([]string, len(r.forms))
	for i, f := range r.forms {
		keys[i] = f.FormKey
	}
	names, places := TableNames(keys), formPlaces(r.plan)
	var all []target
	for _, f := range r.forms {
		schema, err := schema17(f.Schema, keyColumn)
		if err != nil {
			return nil, fmt.Errorf("form %q: %w", f.FormKey, err)
		}
		plan, _ := r.plan.Form(f.FormKey)
		all = append(all, target{names[f.FormKey], f.FormKey, kindSynced, schema, hashOf(places, shapes(plan))})
	}
	rejects, err := schema17(tables.RejectSchema(), keyColumn)
	if err != nil {
		return nil, err
	}
	all = append(all, target{name: RejectsTable, kind: kindSynced, schema: rejects, plan: hashOf(places, allShapes(r.plan))})
	held, err := r.resourceTargets()
	return append(all, held...), err
}

func schema17(s *arrow17.Schema, key string) (tableSchema, error) {
	converted, err := arrow18.Schema(s)
	if err != nil {
		return tableSchema{}, err
	}
	return schemaOf(converted, key)
}

// formPlaces are what decides to which form a record belongs.
func formPlaces(p *tables.Plan) (places []any) {
	for _, f := range p.Forms {
		places = append(places, f.FormID, f.FormKey)
	}
	return places
}

// shapes are what decides how an answer becomes a cell; a label does not.
func shapes(f *tables.FormPlan) (columns []any) {
	for _, c := range f.Columns {
		columns = append(columns, []any{c.VariableID, c.Name, c.Type, c.Layout, c.Extra})
	}
	return columns
}

func allShapes(p *tables.Plan) (all []any) {
	for i := range p.Forms {
		all = append(all, shapes(&p.Forms[i]))
	}
	return all
}

func hashOf(parts ...any) string {
	document, _ := json.Marshal(parts) // numbers and texts
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}
