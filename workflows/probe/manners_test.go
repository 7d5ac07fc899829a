package probe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/probe"
)

// Nothing that a subject answered, and nobody's key or name, is in the report or in its file.
func TestTheReportHoldsNoData(t *testing.T) {
	var secrets []string
	report := examine(t, imednettest.Settings{SortByAttributes: true, DeletedInFilter: true}, func(server *imednettest.Server, study *imednettest.Study) {
		for n, id := range study.RecordIDs() {
			word, number := fmt.Sprintf("Zq%dx", id), 700_000+7*n
			require.NoError(t, study.EditRecord(id, "AETERM", word))
			require.NoError(t, study.EditRecord(id, "ALT", number))
			secrets = append(secrets, word, strconv.Itoa(number))
		}
		client := server.Client()
		for subject, err := range client.Subjects(t.Context(), "PROBE", imednet.ListOptions{}) {
			require.NoError(t, err)
			secrets = append(secrets, subject.SubjectKey.Or("?subject"))
		}
		for user, err := range client.Users(t.Context(), "PROBE", imednet.ListOptions{}) {
			require.NoError(t, err)
			secrets = append(secrets, user.Login.Or("?login"), user.LastName.Or("?name"), user.Email.Or("?email"))
		}
	})
	file, err := json.Marshal(report)
	require.NoError(t, err)
	require.Greater(t, len(secrets), 2400)
	for _, secret := range secrets {
		require.False(t, strings.Contains(string(file), secret), secret)
	}
}

// scripted answers every question alike.
type scripted struct {
	reply imednet.RawReply
	err   error
	asked int
}

func (s *scripted) AskRaw(context.Context, imednet.RawQuestion) (imednet.RawReply, error) {
	s.asked++
	return s.reply, s.err
}

// Whatever a server answers, the examination ends, and claims nothing that it did not see.
func TestStrangeServersSettleNothing(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": "", "html": "<html><title>Login</title></html>", "a list": "[]", "a text": `"hello"`, "text": "hello",
		"another object": `{"message":"hi"}`, "no rows": `{"metadata":{},"pagination":{"size":500,"totalElements":0},"data":[]}`,
		"rows of another shape": `{"metadata":{},"pagination":{"size":500,"totalElements":3},"data":[1,2,3]}`,
		"rows without members":  `{"metadata":{},"pagination":{"size":500,"totalElements":2},"data":[{},{}]}`,
		"rows of null":          `{"metadata":null,"pagination":{"size":500,"totalElements":2},"data":[null,null]}`,
		"one row":               `{"metadata":{},"pagination":{"size":500,"totalElements":1},"data":[{"recordId":7,"formId":3,"siteId":1,"recordData":{"A":"1"},"keywords":[{"dateAdded":"x"}]}]}`,
		"a truncated document":  `{"metadata":{},"pagination":{"size":500`,
	} {
		for _, status := range []int{200, 204, 302, 400, 403, 404, 413, 500, 502, 503} {
			client := &scripted{reply: imednet.RawReply{Status: status, Body: []byte(body)}}
			p, err := probe.NewServerProbe(client, probe.WithPause(0))
			require.NoError(t, err)
			report, err := p.Examine(t.Context(), "S")
			if listing := status == 200 && strings.HasPrefix(body, `{"metadata"`) && strings.HasSuffix(body, "}") && !strings.Contains(body, "[1,"); !listing {
				require.Error(t, err, "%s: %d", name, status)
			}
			require.Equal(t, client.asked, report.Requests)
			require.Less(t, client.asked, 200)
			for _, p := range report.Points {
				require.NotEmpty(t, p.Came, "%s: %d: %s", name, status, p.ID)
			}
			if status >= 500 {
				require.Empty(t, settled(report), "%s: %d", name, status)
			}
		}
	}
}

// settled are the points with an answer, but for what an unknown study brings: that is a status as any other.
func settled(report *probe.Report) (ids []string) {
	for _, p := range report.Points {
		if p.Answer == probe.Yes || p.Answer == probe.No {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func TestA401EndsItAtOnce(t *testing.T) {
	client := &scripted{reply: imednet.RawReply{Status: 401}}
	p, err := probe.NewServerProbe(client)
	require.NoError(t, err)
	report, err := p.Examine(t.Context(), "S")
	require.ErrorIs(t, err, imednet.ErrUnauthorized)
	require.Equal(t, 1, client.asked)
	require.Empty(t, settled(report))
}

// A misspelt study is an error, not an examination without results.
func TestAnUnknownStudyIsAnError(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "S", Records: 100}))
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, server)))
	require.NoError(t, err)
	p, err := probe.NewServerProbe(client, probe.WithPause(0))
	require.NoError(t, err)
	report, err := p.Examine(t.Context(), "TYPO")
	require.ErrorIs(t, err, imednet.ErrForbidden)
	require.Empty(t, settled(report)[1:], "but that no resource may be read")
}

func TestAServerThatCannotBeReached(t *testing.T) {
	broken := errors.New("broken")
	client := &scripted{err: broken}
	p, err := probe.NewServerProbe(client)
	require.NoError(t, err)
	report, err := p.Examine(t.Context(), "S")
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, client.asked)
	require.Equal(t, "the server cannot be reached", report.Stopped)
}

// The pauses are those that were asked for, one between two requests, and the limit holds.
func TestItIsPolite(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "S", Records: 600})
	server := imednettest.NewServer(study)
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, server)))
	require.NoError(t, err)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := imednettest.NewClock(start)
	p, err := probe.NewServerProbe(client, probe.WithClock(clock), probe.WithPause(time.Second), probe.WithLimit(20))
	require.NoError(t, err)
	report, err := p.Examine(t.Context(), "S")
	require.NoError(t, err)
	require.Equal(t, 20, report.Requests)
	require.Len(t, server.Requests(), 20)
	require.Equal(t, 19*time.Second, clock.Now().Sub(start))
	require.Equal(t, "the limit of 20 requests was reached", report.Stopped)
}

func TestAnInterruptIsTold(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	p, err := probe.NewServerProbe(&scripted{err: context.Canceled})
	require.NoError(t, err)
	report, err := p.Examine(ctx, "S")
	require.Error(t, err)
	require.Equal(t, "the examination was interrupted", report.Stopped)
}

func TestArgumentsAreChecked(t *testing.T) {
	var invalid *imednet.ValidationError
	for _, opts := range [][]probe.Option{{probe.WithClock(nil)}, {probe.WithPause(-1)}, {probe.WithLimit(0)}, {probe.WithLimit(200)}, {nil}} {
		_, err := probe.NewServerProbe(&scripted{}, opts...)
		require.ErrorAs(t, err, &invalid)
	}
	_, err := probe.NewServerProbe(nil)
	require.ErrorAs(t, err, &invalid)
	p, err := probe.NewServerProbe(&scripted{})
	require.NoError(t, err)
	_, err = p.Examine(t.Context(), " ")
	require.ErrorAs(t, err, &invalid)
}

// A reply shows nothing of its body when it is printed.
func TestRepliesPrintWithoutTheirBodies(t *testing.T) {
	require.False(t, strings.Contains((imednet.RawReply{Status: 200, Body: []byte("secret")}).String(), "secret"))
}
