DROP FUNCTION receive_messages;
