-- The root's script: keeps the connection, smooths meters, lights choices, and shows when the daemon is lost.
-- Lua 5.1 as in TouchOSC: https://hexler.net/touchosc/manual/script

local LOST_MS = 3000
local PING_MS = 5000
local PING_LOST_MS = 1000
local ATTACK_MS = 15
local RELEASE_MS = 250
local LEAST_STEP = 0.002

local meters = {}
local words = {}
local now = 0
local pinged = 0
local alive = 0
local lost = false

-- Controls that the script moves say so in their tags: `meter ADDRESS LOW HIGH`, `word ADDRESS WORD`.
local function adopt(control)
  local tag = control.tag or ''
  local address, low, high = string.match(tag, '^meter (%S+) (%S+) (%S+)$')
  if address then
    meters[address] = {control = control, low = tonumber(low), high = tonumber(high), target = 0, level = 0, drawn = 0}
  end
  local chosen, word = string.match(tag, '^word (%S+) (.+)$')
  if chosen then
    words[chosen] = words[chosen] or {}
    table.insert(words[chosen], {control = control, word = word})
  end
  for i = 1, #control.children do
    adopt(control.children[i])
  end
end

local function show_lost(is_lost)
  lost = is_lost
  self:findByName('lost', true).visible = is_lost
  for _, meter in pairs(meters) do
    meter.target = 0
  end
end

local function move(meter, passed)
  local time = meter.target > meter.level and ATTACK_MS or RELEASE_MS
  meter.level = meter.level + (meter.target - meter.level) * (1 - math.exp(-passed / time))
  if math.abs(meter.target - meter.level) < LEAST_STEP then
    meter.level = meter.target
  end
  if meter.level ~= meter.drawn and (math.abs(meter.level - meter.drawn) >= LEAST_STEP or meter.level == meter.target) then
    meter.drawn = meter.level
    meter.control.values.x = meter.level
  end
end

function init()
  now = getMillis()
  alive = now
  pinged = now
  adopt(self)
  sendOSC('/sync')
end

function update()
  local passed = getMillis() - now
  now = now + passed
  -- A daemon that was started again tells everything to whoever speaks.
  if now - pinged >= (lost and PING_LOST_MS or PING_MS) then
    pinged = now
    sendOSC('/ping')
  end
  if not lost and now - alive > LOST_MS then
    show_lost(true)
  end
  for _, meter in pairs(meters) do
    move(meter, passed)
  end
end

function onReceiveOSC(message)
  local address = message[1]
  local argument = message[2][1]
  local meter = meters[address]
  if meter then
    local part = (tonumber(argument.value) - meter.low) / (meter.high - meter.low)
    meter.target = math.max(0, math.min(1, part))
    return true
  elseif words[address] then
    for _, choice in ipairs(words[address]) do
      choice.control.values.x = choice.word == argument.value and 1 or 0
    end
  elseif address == '/daemon/alive' then
    alive = getMillis()
    if lost then
      show_lost(false)
      self:findByName('error', true).values.text = ''
      sendOSC('/sync')
    end
  elseif address == '/hello' then
    -- Sends back the word that shows that the tablet is where its packets say.
    sendOSC({'/hello', {{tag = 's', value = argument.value}}})
  end
end
