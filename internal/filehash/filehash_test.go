package filehash

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerify(t *testing.T) {
	const sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // of "abc", as FIPS 180 has it
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a", "f"), []byte("abc"), 0o600))
	require.NoError(t, Verify(dir, "a/f", 3, sum))
	require.ErrorIs(t, Verify(dir, "a/f", 4, sum), ErrDiffers)
	require.ErrorIs(t, Verify(dir, "a/f", 3, "c"+sum[1:]), ErrDiffers)
	require.ErrorIs(t, Verify(filepath.Join(dir, "a"), "../a/f", 3, sum), ErrOutside)
	require.ErrorIs(t, Verify(dir, "/a/f", 3, sum), ErrOutside)
	require.ErrorIs(t, Verify(dir, "a/g", 3, sum), os.ErrNotExist)
}
