-- The generic cell rate algorithm: one number a key, the moment at which the whole burst is there again.
-- KEYS[1] the key; ARGV: now, the interval of one call, the burst; times in microseconds.
-- Returns 0 when the call is allowed, otherwise the microseconds to wait.
local now, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used_up = now + interval * burst
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
full_at = math.min(math.max(full_at, now), used_up)
local next = full_at + interval
if next > used_up then
  return next - used_up
end
-- A second more than needed, so that clocks that differ a little do not forget too early.
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
return 0
