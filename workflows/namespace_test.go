package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows"
)

func TestWorkflowsBuildLazilyAndOnce(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{Records: 200})
	w, err := workflows.NewWorkflows(server.Client())
	require.NoError(t, err)
	assert.Same(t, w.QueryManagement(), w.QueryManagement())
	assert.Same(t, w.RecordMapper(), w.RecordMapper())
	assert.Same(t, w.SubjectData(), w.SubjectData())
	assert.Same(t, w.StudyStructure(), w.StudyStructure())
	assert.Same(t, w.SchemaProfiler(), w.SchemaProfiler())
	assert.Same(t, w.StudyReport(), w.StudyReport())
	assert.Same(t, w.DataExtraction(), w.DataExtraction())
	assert.Same(t, w.JobPoller(), w.JobPoller())
	assert.Same(t, w.RecordUpdate(), w.RecordUpdate())
	assert.Same(t, w.RegisterSubjects(), w.RegisterSubjects())
	assert.Empty(t, server.Requests(), "building asks the server for nothing")
	_, err = workflows.NewWorkflows(nil)
	assert.Error(t, err)
}
