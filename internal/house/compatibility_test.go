package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// documented lists the Python package's documented symbols, one group a line: a class (or "-" for
// functions of a module) and its members.
const documented = `
CachedRecordsLoader __init__ get_cached_records iter_cached_records load_records reconcile_cache sync_records
- get_cache_connection iter_chunks extract_canonical_records get_study_structure async_get_study_structure
ChunkedRecordPipeline __init__ map_chunks write_parquet_chunks
ConfigVersionStore __init__ commit_config diff_configs get_history rollback_config
DataExtractionWorkflow __init__ extract_audit_trail extract_records_by_criteria
DuckDBIngestionWorkflow __init__ build_silver_view ingest_revisions
ExtractionResult adverse_events device_deficiencies protocol_deviations validation_errors
AsyncJobPoller
BaseJobPoller
JobPoller __init__ run
JobTimeoutError
QueryManagementWorkflow __init__ get_open_queries get_queries_by_site get_queries_for_subject get_query_state_counts
RecordMapper __init__ dataframe iter_dataframes
RecordUpdateWorkflow __init__ async_create_or_update_records create_new_record create_or_update_records register_subject submit_record_batch update_scheduled_record
RegisterSubjectsWorkflow __init__ register_subjects
FieldProfile label population_rate unique_count variable_name
FormProfile form_key form_name record_count
SchemaProfiler __init__ profile_records
CategoricalNormalizer normalize_record
NormalizationResult normalized_record
StandardsReadinessReport score successfully_validated_fields total_expected_fields
StandardsReadinessValidator __init__ score_records
ExtractionStateLedger __init__ delete_entry get_last_timestamp read_state set_last_timestamp transaction write_state
LedgerState
StreamState error_message last_run_status last_timestamp records_processed
StudyState
SubjectComprehensiveData subject_details
SubjectDataWorkflow __init__ get_all_subject_data
SyncWorker __init__ run_forever run_once stop
SyncWorkerConfig study_key
TriageStore __init__ add_annotation assign_item get_item_last_updated get_journal_mode get_queue get_triage_item update_status upsert_item
`

func TestCompatibilityTableHasNoGap(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "COMPATIBILITY.md"))
	require.NoError(t, err)
	rows := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 {
			continue
		}
		require.Len(t, cells, 5, "a row has three cells: %s", line)
		rows[strings.Trim(strings.TrimSpace(cells[1]), "`")] = true
	}
	for group := range strings.Lines(strings.TrimSpace(documented)) {
		for _, symbol := range symbols(strings.Fields(group)) {
			if !rows[symbol] {
				t.Errorf("COMPATIBILITY.md has no row for %s", symbol)
			}
		}
	}
}

func symbols(group []string) []string {
	if group[0] == "-" {
		return group[1:]
	}
	all := []string{group[0]}
	for _, member := range group[1:] {
		all = append(all, group[0]+"."+member)
	}
	return all
}
