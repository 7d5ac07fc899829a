package postgres

import (
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementsAreTranslated(t *testing.T) {
	for statement, want := range map[string]string{
		``:                            ``,
		`SELECT 1`:                    `SELECT 1`,
		`a = ? AND b = ?`:             `a = $1 AND b = $2`,
		`a = ?1 AND b = ?2 OR c = ?1`: `a = $1 AND b = $2 OR c = $1`,
		`a = ?2 AND b = ?`:            `a = $1 AND b = $2`,
		`a = '?' AND "b?" = ?`:        `a = '?' AND "b?" = $1`,
		`a = 'it''s ?' AND b = ?12)`:  `a = 'it''s ?' AND b = $1)`,
		`SELECT a FROM t INDEXED BY t_a WHERE a = ?`:                  `SELECT a FROM t WHERE a = $1`,
		`SELECT a FROM t NOT INDEXED WHERE a IN (?2, ?)`:              `SELECT a FROM t WHERE a IN ($1, $2)`,
		`a = ?3 AND b = ?1 AND c = ?3`:                                `a = $1 AND b = $2 AND c = $1`,
		`r.record_id IN (SELECT value FROM json_each(?3)) AND s = ?1`: `r.record_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb)::bigint)) AND s = $2`,
		`r = ? AND row_id IN (SELECT value FROM json_each(?))`:        `r = $1 AND row_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::text))`,
		`INSERT INTO é (a) VALUES (?, '"', ?)`:                        `INSERT INTO é (a) VALUES ($1, '"', $2)`,
	} {
		require.Equal(t, want, translate(statement).text)
		require.Equal(t, want, translate(statement).text, "and when it is known")
	}
}

// TestArgumentsAreTakenByTheirNumbers: SQLite lets a statement leave numbers out.
func TestArgumentsAreTakenByTheirNumbers(t *testing.T) {
	given := []driver.NamedValue{{Ordinal: 1, Value: "a"}, {Ordinal: 2, Value: "b"}, {Ordinal: 3, Value: "c"}}
	for statement, want := range map[string][]any{
		`x = ? AND y = ? AND z = ?`:    {"a", "b", "c"},
		`x = ?3 AND y = ?1 AND z = ?3`: {"c", "a"},
		`x = ?2`:                       {"b"},
		`x = ?1`:                       {"a"},
		`x = ?2 AND y = ?`:             {"b", "c"},
	} {
		var got []any
		for i, v := range translate(statement).take(given) {
			require.Equal(t, i+1, v.Ordinal)
			got = append(got, v.Value)
		}
		require.Equal(t, want, got, statement)
	}
}
