package transit

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is written later may look like the request to encrypt: rows can hold any bytes.
func TestOnlyTheFirstWordsAskForEncryption(t *testing.T) {
	for first, wanted := range map[string]error{string(encryptionRequest): ErrNoServer, "anything else": nil} {
		here, there := net.Pipe()
		conn := &listener{Conn: here}
		go func() {
			heard := make([]byte, 64)
			for _, answer := range []string{"X", "Y"} {
				_, _ = there.Read(heard)
				_, _ = there.Write([]byte(answer))
			}
		}()
		heard := make([]byte, 1)
		for i, said := range []string{first, string(encryptionRequest)} {
			_, err := conn.Write([]byte(said))
			require.NoError(t, err)
			_, err = conn.Read(heard)
			if i == 0 {
				require.ErrorIs(t, err, wanted)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, "Y", string(heard))
		}
	}
}
