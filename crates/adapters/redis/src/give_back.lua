-- Gives back one call that throttle.lua took.
-- KEYS[1] the key; ARGV: now, the interval of one call; times in microseconds.
local now, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now) - interval
if full_at > now then
  redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000) + 1000)
else
  redis.call('DEL', KEYS[1])
end
return false
