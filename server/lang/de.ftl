# Was der Benutzer liest, auf Deutsch.

## Fenster
window-question = Eine Anfrage zur Fernhilfe
window-banner = Die Fernhilfe läuft
window-code = Ihr Code
window-note = Die Fernhilfe ist beendet

## Zeiten
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
hours-minutes = { $hours } { $minutes }

## Jemand, dem niemand auf diesem Computer einen Namen gegeben hat
unknown-person = Unbekannte Person ({ $key })

## Tasten, wie sie auf Tastaturen stehen
key-control = Strg
key-alt = Alt
key-shift = Umschalt
key-super = Super
key-pause = Pause
key-escape = Esc
key-end = Ende

## Die Frage
asks-to-see = { $who } möchte Ihren Bildschirm sehen
asks-to-control = { $who } möchte diesen Computer steuern
stranger-asks = Eine unbekannte Person möchte Ihren Bildschirm sehen
name-by-key = Hier bekannt durch diesen Schlüssel, geprüft: { $key }
vouched-by = { $organisation } bürgt für diese Person; das haben Sie zugelassen
check-words = Prüfwörter, gleich auf beiden Bildschirmen: { $words }
writes = { $who } schreibt:
stranger-writes = Die Person schreibt:
quoted = „{ $words }“
ticket = Ticket: { $ticket }
you-decide = Sie entscheiden, was Sie erlauben:
always-on = immer an
on = An
off = Aus
no-answer = { $seconds ->
    [one] Keine Antwort in { $seconds } Sekunde bedeutet Nein.
   *[other] Keine Antwort in { $seconds } Sekunden bedeutet Nein.
}
deny = Ablehnen
allow-see = Sehen erlauben
allow-control = Sehen und steuern
allow-chosen = Gewähltes erlauben
stop-any-time = Sie können jederzeit aufhören: Der Knopf „Stopp“ bleibt auf Ihrem Bildschirm.
not-from-here = Dieser Klick oder diese Taste kam nicht sicher von Maus oder Tastatur dieses Computers und zählt nicht.
cannot-tell = Dieser Bildschirm kann Ihre Klicks nicht von denen eines Programms unterscheiden. Darum kann nichts erlaubt werden.
only-watch = Nur zusehen
row = { $what }: { $value }
row-time = Wie lange, höchstens
row-shown = Was gezeigt wird
row-hidden = Was verborgen wird
whole-screen = der ganze Bildschirm
one-display = Bildschirm { $number }
one-window = nur „{ $title }“
nothing-hidden = nichts
programs-hidden = { $count ->
    [one] { $count } Programm
   *[other] { $count } Programme
}
time-page = Wie lange darf es dauern?
time-asked = { $time }, wie gewünscht
shown-page = Was darf zu sehen sein?
shown-means = Wenn Sie ein Fenster wählen, sieht niemand, der zusieht, etwas anderes, bis alle gegangen sind.
display-of-size = Bildschirm { $number }: { $width } × { $height }
hidden-page = Was darf nicht zu sehen sein?
hidden-means = Alle Fenster der gewählten Programme werden für alle, die zusehen, zu einer grauen Fläche, bis alle gegangen sind.
no-windows = Kein Programm hat ein Fenster offen.
row-restart = Nach einem Neustart
restart-ask = erneut fragen
restart-once = einmal zurückkommen
restart-page = Was gilt, wenn dieser Computer neu startet?
restart-means = Manche Hilfe braucht einen Neustart. Er beendet die Sitzung. Sie können dieser Person erlauben, danach zurückzukommen und zu sehen und zu tun, was vorher eingeschaltet war, bis die erlaubte Zeit vorbei ist.
restart-ask-long = Die Person muss erneut fragen
restart-once-long = Sie darf einmal zurückkommen
restart-within = innerhalb von 10 Minuten, ohne zu fragen
back = Zurück
block = Ablehnen, und diese Person soll nicht mehr fragen

## Fragen während einer Sitzung: mehr für eine Weile, und ob es weitergehen darf
asks-more = { $who } möchte mehr dürfen
more-adds = Wenn Sie es erlauben, gilt für { $time } auch dies und endet dann von selbst:
control-goes = Die Steuerung geht von { $holder } an { $who } über.
allow = Erlauben
asks-again = { $who } hilft Ihnen seit { $time }. Weiter?
again-allows = Wenn es weitergeht, endet es spätestens in { $time }. Die Person darf:
no-answer-pauses = { $seconds ->
    [one] Ohne Antwort in { $seconds } Sekunde beginnt eine Pause: Niemand sieht dann Ihren Bildschirm.
   *[other] Ohne Antwort in { $seconds } Sekunden beginnt eine Pause: Niemand sieht dann Ihren Bildschirm.
}
end-it = Beenden
go-on = Weiter

## Erlaubnisse
view = Ihren Bildschirm sehen
view-means = Alles, was Sie sehen, sieht auch die Person.
view-short = Sehen
control = Ihre Tastatur und Maus benutzen
control-means = Die Person kann tun, was Sie hier tun können.
control-short = Steuern
clipboard = Die Zwischenablage teilen
clipboard-means = Was Sie kopieren, kann die Person einfügen, und umgekehrt.
clipboard-short = Ablage
files = Dateien austauschen
files-means = Die Person kann Dateien senden und Ihre holen.
files-short = Dateien
diagnose = Angaben zu diesem Computer lesen
diagnose-means = Modell, System und Zustand.
diagnose-short = Angaben
terminal = Eine Befehlszeile benutzen
terminal-means = Die Person kann jeden Befehl in Ihrem Namen ausführen.
terminal-short = Befehle

## Jemand, den hier niemand kennt
stranger-title = Niemand auf diesem Computer bürgt für diese Person
stranger-advice = Sie hatte nur Ihren Code. Wir rufen Sie nie zuerst an. Zeigen Sie niemandem Ihre Bank, und überweisen Sie nie Geld für einen Anrufer.
stranger-word = fremd
stranger-type = Wenn Sie selbst dort angerufen haben, tippen Sie hier das Wort „{ $word }“:
stranger-read = Bitte erst lesen: In { $seconds } s können Sie es erlauben.

## Die Leiste
stopped = Gestoppt
pausing = Pause beginnt…
paused = Pause: Niemand sieht Ihren Bildschirm
one-lost = { $who } hat die Verbindung verloren
all-lost = { $count } Personen haben die Verbindung verloren
one-sees = { $who } sieht Ihren Bildschirm
one-controls = { $who } kann Ihren Computer steuern
several-see = { $count } Personen sehen Ihren Bildschirm
several-control = { $count } Personen sehen Ihren Bildschirm, { $controlling } kann ihn steuern
stopping = Tastatur und Maus gehören nur Ihnen. Die Sitzung wird beendet…
panic-key-fails = { $key } geht hier nicht
panic-key-works = { $key } stoppt auch
stop-for-all = Stopp beendet es für alle
stop-for-all-key = Stopp beendet es für alle, ebenso { $key }
time-left = noch { $time }
ending = Wird beendet…
controls = steuert
sees = sieht
away = Niemand schaut zu; Rückkehr möglich binnen { $time }
while-locked = solange der Bildschirm gesperrt ist
unconfirmed = ohne Antwort: „Weiter“ setzt fort
added = { $what }: noch { $time }
agreed-earlier = früher vereinbart
another-network = jetzt aus einem anderen Netz
and-more = und { $count } weitere
stop = Stopp
pause = Pause
continue = Weiter
end = Ende
end-of = Beenden: { $who }
switch-of = { $what }: { $who }

## Der Code
code-or = oder: { $words }
code-good = Gilt einmal, noch { $time }.
code-advice = Geben Sie ihn nur jemandem, den Sie selbst angerufen haben.
code-new = Neuer Code
code-close = Schließen
code-used = Jemand hat Ihren Code benutzt.
code-guessed = Drei falsche Codes wurden versucht. Ihrer gilt darum nicht mehr.
code-hidden = Ihr Code gilt nicht mehr: Er war eine Weile nicht zu sehen.

## Nach einer Sitzung
session-ended = Sitzung beendet
nobody-sees = Niemand sieht Ihren Bildschirm mehr.
server-ended = Sie haben gestoppt. Das Programm, das diesen Bildschirm zeigte, antwortete nicht und wurde beendet.
was-here-used = { $who } war { $time } da und hat Ihre Tastatur oder Maus benutzt.
was-here-unused = { $who } war { $time } da und durfte Ihre Tastatur und Maus benutzen, hat es aber nicht getan.
was-here-saw = { $who } war { $time } da und konnte Ihren Bildschirm sehen.
also-allowed = Außerdem haben Sie erlaubt: { $what }.
added-for-a-while = Für eine Weile haben Sie erlaubt: { $what }.
nobody-asked = Sie hatten dem früher zugestimmt und wurden deshalb nicht gefragt.
receipt-kept = { $count ->
    [one] Eine Quittung darüber liegt auf diesem Computer.
   *[other] { $count } Quittungen darüber liegen auf diesem Computer.
}
end-officer-left = Die helfende Person ist gegangen.
end-stopped = Sie haben gestoppt.
end-expired = Die Zeit, die Sie erlaubt haben, ist um.
end-link-lost = Die Verbindung zur helfenden Person ist abgebrochen.
end-replaced = Die helfende Person hat sich neu verbunden.
end-host-left = Die Freigabe wurde auf diesem Computer ausgeschaltet.
end-policy = Die helfende Person ist auf diesem Computer nicht (mehr) zugelassen.
end-denied = Sie haben abgelehnt.
end-unanswered = Niemand hat auf die Frage geantwortet.
end-unconfirmed = Sie wurden gefragt, ob es weitergehen darf, und haben nicht geantwortet.
end-locked = Der Bildschirm war gesperrt.
end-incompatible = Die beiden Programme passen nicht zusammen; das ältere braucht eine Aktualisierung.
end-capture-lost = Der Bildschirm konnte nicht mehr gezeigt werden.
end-misbehaved = Das Programm der helfenden Person hat etwas Unerlaubtes getan.
end-certificate = Das Zertifikat der helfenden Person gilt auf diesem Computer nicht.
end-code-wrong = Der Code war falsch.
end-code-none = Es gab keinen Code, oder er galt nicht mehr.
end-code-wait = Codes wurden zu oft versucht.
end-unrecorded = Dieser Computer konnte nicht aufschreiben, was geschieht. Darum ist nichts erlaubt.
end-desk-lost = Das Fenster, das die laufende Sitzung anzeigt, ist ausgefallen.
