# What the user reads, in English. Every message here exists in the other files, with the same arguments: a test compares them.

## Windows
window-question = A request for remote support
window-banner = Remote support is on
window-code = Your code
window-note = Remote support has ended

## Times
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
hours-minutes = { $hours } { $minutes }

## Somebody whom nobody on this computer has given a name
unknown-person = Unknown person ({ $key })

## Keys, as they are printed on keyboards
key-control = Ctrl
key-alt = Alt
key-shift = Shift
key-super = Super
key-pause = Pause
key-escape = Escape
key-end = End

## The question
asks-to-see = { $who } asks to see your screen
asks-to-control = { $who } asks to control this computer
stranger-asks = An unknown person asks to see your screen
name-by-key = Known here by this key, now proven: { $key }
vouched-by = Vouched for by { $organisation }, which you allowed
check-words = Check words, the same on their screen: { $words }
writes = { $who } writes:
stranger-writes = They write:
quoted = “{ $words }”
ticket = Ticket: { $ticket }
you-decide = You decide what to allow:
always-on = always on
on = On
off = Off
no-answer = { $seconds ->
    [one] No answer within { $seconds } second means no.
   *[other] No answer within { $seconds } seconds means no.
}
deny = Deny
allow-see = Allow to see
allow-control = Allow to see and control
allow-chosen = Allow what is on
stop-any-time = You can stop at any time: a Stop button stays on your screen.
not-from-here = That click or key is not surely from this computer's own mouse or keyboard. It was ignored.
cannot-tell = This display can't tell your clicks from a program's, so nothing can be allowed.
only-watch = Only watch
row = { $what }: { $value }
row-time = For how long, at most
row-shown = What is shown
row-hidden = What is hidden
whole-screen = the whole screen
one-display = display { $number }
one-window = only “{ $title }”
nothing-hidden = nothing
programs-hidden = { $count ->
    [one] { $count } program
   *[other] { $count } programs
}
time-page = How long may it last?
time-asked = { $time }, as asked
shown-page = What may be seen?
shown-means = If you choose one window, nobody who watches sees anything else until the last of them has gone.
display-of-size = Display { $number }: { $width } × { $height }
hidden-page = What may not be seen?
hidden-means = All windows of the programs that you choose become a grey area, for everybody who watches, until the last of them has gone.
no-windows = No program has a window open.
row-restart = After a restart
restart-ask = ask again
restart-once = may come back once
restart-page = What if this computer is restarted?
restart-means = Some help needs a restart. It ends the session. You can let this person come back afterwards, to see and do what was on before, until the time that you allow is over.
restart-ask-long = They have to ask again
restart-once-long = They may come back once
restart-within = within 10 minutes, without asking
back = Back
block = Deny, and don't let this person ask again

## Questions during a session: more for a while, and whether it may go on
asks-more = { $who } asks for more
more-adds = Allow adds this for { $time }, then it ends by itself:
control-goes = Control goes from { $holder } to { $who }.
allow = Allow
asks-again = { $who } has been helping you for { $time }. Go on?
again-allows = If you let it go on, it ends in { $time } at the latest. They may:
no-answer-pauses = { $seconds ->
    [one] No answer within { $seconds } second pauses it: nobody sees your screen then.
   *[other] No answer within { $seconds } seconds pauses it: nobody sees your screen then.
}
end-it = End it
go-on = Go on

## Permissions: what they are, what they mean, and a short name beside a switch
view = See your screen
view-means = Everything that you see, they see.
view-short = See
control = Use your keyboard and mouse
control-means = They can do what you can do here.
control-short = Control
clipboard = Share the clipboard
clipboard-means = What you copy, they can paste, and the reverse.
clipboard-short = Clipboard
files = Exchange files
files-means = They can send files here and fetch yours.
files-short = Files
diagnose = Read facts about this computer
diagnose-means = Its model, system and health.
diagnose-short = Facts
terminal = Use a command line
terminal-means = They can run any command as you.
terminal-short = Commands

## Somebody whom nobody here knows
stranger-title = Nobody on this computer has vouched for this person
stranger-advice = They only had your code. We never call you first. Never let anybody see your bank, and never move money for a caller.
# The word that the user types: a plain one of this language, without accents.
stranger-word = stranger
stranger-type = If you called them yourself, type the word “{ $word }” here:
stranger-read = Read first: you can allow it in { $seconds } s.

## The banner
stopped = Stopped
pausing = Pausing…
paused = Paused: nobody sees your screen
one-lost = { $who } has lost the connection
all-lost = { $count } officers have lost the connection
one-sees = { $who } can see your screen
one-controls = { $who } can control your computer
several-see = { $count } officers can see your screen
several-control = { $count } officers can see your screen, { $controlling } can control it
stopping = Keyboard and mouse are yours alone. Closing the session…
panic-key-fails = { $key } does not work here
panic-key-works = { $key } stops it, too
stop-for-all = Stop ends it for all
stop-for-all-key = Stop ends it for all, and so does { $key }
time-left = { $time } left
ending = Ending…
controls = controls
sees = sees
away = Nobody looks now; may come back within { $time }
while-locked = while the screen is locked
unconfirmed = you did not answer: Continue lets it go on
added = { $what }: { $time } more
agreed-earlier = access agreed earlier
another-network = now from another network
and-more = and { $count } more
stop = Stop
pause = Pause
continue = Continue
end = End
end-of = End: { $who }
switch-of = { $what }: { $who }

## The code
code-or = or: { $words }
code-good = Good once, for { $time } more.
code-advice = Give it only to somebody whom you have called yourself.
code-new = New code
code-close = Close
code-used = Somebody has used your code.
code-guessed = Three wrong codes were tried, so yours is void.
code-hidden = Your code is void: it was not shown for a while.

## After a session
session-ended = Session ended
nobody-sees = Nobody sees your screen any more.
server-ended = You stopped it. The program that shared this screen did not answer and was ended.
was-here-used = { $who } was here for { $time } and used your keyboard or mouse.
was-here-unused = { $who } was here for { $time } and could use your keyboard and mouse, but did not.
was-here-saw = { $who } was here for { $time } and could see your screen.
also-allowed = You also allowed: { $what }.
added-for-a-while = You allowed for a while: { $what }.
nobody-asked = You had agreed to this earlier, so you were not asked.
receipt-kept = { $count ->
    [one] A receipt is kept on this computer.
   *[other] { $count } receipts are kept on this computer.
}
end-officer-left = The helper has left.
end-stopped = You stopped it.
end-expired = The time that you allowed is over.
end-link-lost = The connection to the helper was lost.
end-replaced = The helper has connected anew.
end-host-left = Sharing was switched off on this computer.
end-policy = The helper is not permitted on this computer (any more).
end-denied = You said no.
end-unanswered = Nobody answered the question.
end-unconfirmed = You were asked whether it may go on, and did not answer.
end-locked = The screen was locked.
end-incompatible = The two programs have no version in common; the older one needs an update.
end-capture-lost = The screen could no longer be shown.
end-misbehaved = The helper's program did something that is not allowed.
end-certificate = The helper's certificate is not good on this computer.
end-code-wrong = The code was wrong.
end-code-none = There was no code, or not any more.
end-code-wait = Codes were tried too often.
end-unrecorded = This computer could not write down what is done, so nothing is allowed.
end-desk-lost = The window that shows that a session is on has failed.
