package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementsAreTranslated(t *testing.T) {
	for statement, want := range map[string]string{
		``:                            ``,
		`SELECT 1`:                    `SELECT 1`,
		`a = ? AND b = ?`:             `a = $1 AND b = $2`,
		`a = ?1 AND b = ?2 OR c = ?1`: `a = $1 AND b = $2 OR c = $1`,
		`a = ?2 AND b = ?`:            `a = $2 AND b = $3`,
		`a = '?' AND "b?" = ?`:        `a = '?' AND "b?" = $1`,
		`a = 'it''s ?' AND b = ?12)`:  `a = 'it''s ?' AND b = $12)`,
		`SELECT a FROM t INDEXED BY t_a WHERE a = ?`:     `SELECT a FROM t WHERE a = $1`,
		`SELECT a FROM t NOT INDEXED WHERE a IN (?2, ?)`: `SELECT a FROM t WHERE a IN ($2, $3)`,
		`INSERT INTO é (a) VALUES (?, '"', ?)`:           `INSERT INTO é (a) VALUES ($1, '"', $2)`,
	} {
		require.Equal(t, want, translate(statement))
		require.Equal(t, want, translate(statement), "and when it is known")
	}
}
