package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestWorkerService(t *testing.T) {
	defer goleak.VerifyNone(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, want, out.String())
}

const want = `GET /healthz: 503 Service Unavailable, text/plain; charset=utf-8
  CARDIO: healthy
  DERMA: unhealthy: cache: sync: study DERMA: imednet: GET /api/v1/edc/studies/DERMA/records: status 503 (server error), code 9000
GET /healthz: 200 OK, text/plain; charset=utf-8
  CARDIO: healthy
  DERMA: healthy
GET /metrics: 200 OK, text/plain; version=0.0.4; charset=utf-8
  # HELP imednet_sync_mirror_records Records held after the last whole run.
  # TYPE imednet_sync_mirror_records gauge
  imednet_sync_mirror_records{study="CARDIO",state="active"} 490
  imednet_sync_mirror_records{study="CARDIO",state="deleted"} 10
  imednet_sync_mirror_records{study="CARDIO",state="vanished"} 0
  imednet_sync_mirror_records{study="DERMA",state="active"} 198
  imednet_sync_mirror_records{study="DERMA",state="deleted"} 2
  imednet_sync_mirror_records{study="DERMA",state="vanished"} 0
stopped
`
