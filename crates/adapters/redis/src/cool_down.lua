-- Writes a state if the one that the decision was made on is still there.
-- KEYS[1] the subject; ARGV: the state as it was read, the state to write, milliseconds to keep it.
-- Returns false when it was written, otherwise the state that is there, empty for none.
local current = redis.call('GET', KEYS[1]) or ''
if current ~= ARGV[1] then
  return current
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return false
