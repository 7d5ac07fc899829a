package cache

import (
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shortfall"
)

// announced is what the first page of a leg said of the records that the leg would bring. The listing
// behind that page is another one, and does not know it.
type announced struct {
	rows   int64
	before int64 // received before the leg
}

func (r *run) announce(page imednet.RecordPage) announced {
	return announced{rows: page.Total, before: r.report.Received}
}

// arrived fails when far fewer records came than were announced. The records that came are stored,
// and a later run goes on from there.
func (r *run) arrived(a announced) error {
	came := r.report.Received - a.before
	if !shortfall.FarBelow(came, a.rows) {
		return nil
	}
	return fmt.Errorf("%w: %d records were announced, and the listing ended after %d", imednet.ErrProtocol, a.rows, came)
}
