-- ARGV: prefix, channel, lease or 0, then items. Answers: how many items there are.
local trouble = check_items(4)
if trouble then return trouble end
if add_items(4, tonumber(ARGV[3])) then redis.call('PUBLISH', ARGV[2], '') end
return redis.call('ZCARD', due)
