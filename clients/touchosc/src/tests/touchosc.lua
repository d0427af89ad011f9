-- What TouchOSC offers to a script, as far as the layout's script uses it.

local clock = 0
sent = {}
hello = nil
named = {
  lost = {visible = false, values = {}, children = {}},
  error = {visible = true, values = {text = ''}, children = {}},
}
self = {children = {}}

function self:findByName(name, recursive)
  return named[name]
end

function build(tags)
  local page = {children = {}, values = {}}
  for _, tag in ipairs(tags) do
    table.insert(page.children, {tag = tag, values = {x = 0}, children = {}})
  end
  self.children = {{children = {page}, values = {}}, named.lost, named.error}
end

function getMillis()
  return clock
end

function sendOSC(message)
  if type(message) == 'table' then
    hello = message[2][1].value
    expect(message[2][1].tag == 's', 'a string')
    message = message[1]
  end
  table.insert(sent, message)
end

-- Frames of 16 milliseconds.
function pass(ms)
  local last = clock + ms
  while clock < last do
    clock = math.min(clock + 16, last)
    update()
  end
end

function receive(address, value)
  return onReceiveOSC({address, {{tag = type(value) == 'number' and 'f' or 's', value = value}}}, {true})
end

function tagged(start)
  for _, control in ipairs(self.children[1].children[1].children) do
    if string.sub(control.tag, 1, #start) == start then
      return control
    end
  end
  error('no control is tagged ' .. start)
end

function expect(truth, what)
  if not truth then
    error(what, 2)
  end
end
