-- KEYS: the content, the set of items that name it. ARGV: number, bytes, how long a content stays that nobody names. One that an update wrote before, and
-- that is written again because the answer was lost, has its items and stays.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
