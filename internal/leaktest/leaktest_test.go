package leaktest_test

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/leaktest"
)

// careless keeps a needle where only %#v shows it.
type careless struct{ text string }

func (careless) Error() string { return "quiet" }

// TestNeedlesAreFound: a sweep that finds nothing proves something only if it can find.
func TestNeedlesAreFound(t *testing.T) {
	for _, needle := range leaktest.Needles {
		_, number := strconv.Atoi(needle + "x")
		for _, v := range []any{
			errors.New(needle), fmt.Errorf("wrapped: %w", errors.Join(errors.New("a"), careless{needle})), careless{needle}, number,
			&url.Error{Op: "Get", URL: needle, Err: errors.New("b")}, struct{ Payload []byte }{[]byte(needle)}, []string{needle},
		} {
			require.NotEmpty(t, leaktest.In(leaktest.Printed(v)), "%T %q", v, needle)
		}
	}
	require.Empty(t, leaktest.In(leaktest.Printed(errors.New("imednet: GET /api/v1/edc/studies: status 400"))))
}
