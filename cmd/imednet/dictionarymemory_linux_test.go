package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// Committing an export of 100 MB takes less than four times its size of memory, the database's included.
func TestMemoryOfCommittingAnExport(t *testing.T) {
	if os.Getenv("IMEDNET_LONG") == "" {
		t.Skip("IMEDNET_LONG=1 commits an export of 100 MB")
	}
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	rule := `Form,No term,Active,7,AE,10,"<BusinessLogic><Conditions><blank><question>AETERM</question></blank></Conditions><Actions><open_query><query_field><question>AETERM</question></query_field></open_query></Actions></BusinessLogic>"` + "\n"
	const size = 100 << 20
	s.write("export/"+dictionary.RulesFile, "Type,Name,Status,ID,Form,Sequence,Logic\n"+strings.Repeat(rule, size/len(rule)))
	cmd := s.command("dictionary", "commit", "DEMO", "export", "--author", "anna", "-m", "as built")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	require.True(t, ok)
	resident := usage.Maxrss << 10
	t.Logf("%d MB were resident", resident>>20)
	require.Less(t, resident, int64(4*size))
	s.ok("dictionary", "save", "store:DEMO@1", "saved")
	was, err := os.ReadFile(filepath.Join(s.dir, "export", dictionary.RulesFile))
	require.NoError(t, err)
	is, err := os.ReadFile(filepath.Join(s.dir, "saved", dictionary.RulesFile))
	require.NoError(t, err)
	require.True(t, string(was) == string(is), "the bytes are those that were committed")
}
