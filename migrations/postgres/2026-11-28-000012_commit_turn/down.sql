DROP FUNCTION commit_turn;
