-- ARGV: prefix, id, lease. Answers: items, status (0 somebody has it, 1 claimed, 2 no such item), then epoch, timestamp, attempts, entry of one that was claimed.
redis.call('ZREM', due, '')
local time = now()
local id = ARGV[2]
local key = prefix .. id
local found = redis.call('HMGET', key, 'timestamp', 'attempts', 'entry', 'leased')
if not found[3] then return {redis.call('ZCARD', due), 2} end
-- Where the set got lost, nobody can say when a lease ends: whoever has the item may be at it.
local ends = redis.call('ZSCORE', due, id)
if found[4] == '1' and not (ends and tonumber(ends) <= time) then return {redis.call('ZCARD', due), 0} end
redis.call('ZADD', due, time + tonumber(ARGV[3]), id)
local epoch = redis.call('HINCRBY', key, 'epoch', 1)
redis.call('HSET', key, 'leased', '1')
return {redis.call('ZCARD', due), 1, epoch, found[1], found[2], found[3]}
