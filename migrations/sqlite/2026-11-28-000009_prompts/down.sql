DROP TABLE example_recordings;
DROP TABLE example_results;
DROP TABLE prompt_examples;
DROP TABLE ai_profiles;
DROP TABLE base_prompt_versions;
DROP TABLE prompt_versions;
