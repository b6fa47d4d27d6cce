# Ce que lit l'utilisateur, en français.

## Fenêtres
window-question = Une demande d'aide à distance
window-banner = L'aide à distance est en cours
window-code = Votre code
window-note = L'aide à distance est terminée

## Durées
seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
hours-minutes = { $hours } { $minutes }

## Une personne à qui personne sur cet ordinateur n'a donné de nom
unknown-person = Personne inconnue ({ $key })

## Les touches, comme elles sont marquées sur les claviers
key-control = Ctrl
key-alt = Alt
key-shift = Maj
key-super = Super
key-pause = Pause
key-escape = Échap
key-end = Fin

## La question
asks-to-see = { $who } demande à voir votre écran
asks-to-control = { $who } demande à commander cet ordinateur
stranger-asks = Une personne inconnue demande à voir votre écran
name-by-key = Nom connu ici par cette clé, vérifiée : { $key }
vouched-by = { $organisation }, que vous avez admis, répond de cette personne
check-words = Mots de contrôle, les mêmes sur les deux écrans : { $words }
writes = { $who } écrit :
stranger-writes = La personne écrit :
quoted = « { $words } »
ticket = Ticket : { $ticket }
you-decide = Vous décidez de ce que vous permettez :
always-on = toujours
on = Oui
off = Non
no-answer = { $seconds ->
    [one] Sans réponse dans { $seconds } seconde, c'est non.
   *[other] Sans réponse dans { $seconds } secondes, c'est non.
}
deny = Refuser
allow-see = Permettre de voir
allow-control = Voir et commander
allow-chosen = Permettre ce choix
stop-any-time = Vous pouvez arrêter à tout moment : un bouton « Arrêter » reste sur votre écran.
not-from-here = Ce clic ou cette touche ne vient pas sûrement de la souris ou du clavier de cet ordinateur et ne compte pas.
cannot-tell = Cet écran ne distingue pas vos clics de ceux d'un programme : rien ne peut être permis.
only-watch = Seulement voir
row = { $what } : { $value }
row-time = Pour combien de temps au plus
row-shown = Ce qui est montré
row-hidden = Ce qui est caché
whole-screen = tout l'écran
one-display = écran { $number }
one-window = seulement « { $title } »
nothing-hidden = rien
programs-hidden = { $count ->
    [one] { $count } programme
   *[other] { $count } programmes
}
time-page = Combien de temps au plus ?
time-asked = { $time }, comme demandé
shown-page = Que peut-on voir ?
shown-means = Si vous choisissez une fenêtre, aucune des personnes qui regardent ne voit autre chose, jusqu'au départ de la dernière.
display-of-size = Écran { $number } : { $width } × { $height }
hidden-page = Que ne doit-on pas voir ?
hidden-means = Toutes les fenêtres des programmes choisis deviennent grises pour toutes les personnes qui regardent, jusqu'au départ de la dernière.
no-windows = Aucun programme n'a de fenêtre ouverte.
row-restart = Après un redémarrage
restart-ask = redemander
restart-once = peut revenir une fois
restart-page = Et si cet ordinateur redémarre ?
restart-means = Certaines aides demandent un redémarrage. Il met fin à la session. Vous pouvez permettre à cette personne de revenir ensuite, pour voir et faire ce qui était activé avant, jusqu'à la fin du temps accordé.
restart-ask-long = Elle doit redemander
restart-once-long = Elle peut revenir une fois
restart-within = dans les 10 minutes, sans demander
back = Retour
block = Refuser, et ne plus laisser cette personne demander

## Questions pendant une session : plus pour un moment, et si elle peut continuer
asks-more = { $who } demande davantage
more-adds = Si vous permettez, ceci s'ajoute pour { $time }, puis prend fin tout seul :
control-goes = La commande passe de { $holder } à { $who }.
allow = Permettre
asks-again = { $who } vous aide depuis { $time }. Continuer ?
again-allows = Si la session continue, elle finit au plus tard dans { $time }. La personne peut :
no-answer-pauses = { $seconds ->
    [one] Sans réponse dans { $seconds } seconde, pause : personne ne voit alors votre écran.
   *[other] Sans réponse dans { $seconds } secondes, pause : personne ne voit alors votre écran.
}
end-it = Finir
go-on = Continuer

## Permissions
view = Voir votre écran
view-means = Tout ce que vous voyez, la personne le voit.
view-short = Voir
control = Utiliser votre clavier et votre souris
control-means = La personne peut faire tout ce que vous pouvez faire ici.
control-short = Commander
clipboard = Partager le presse-papiers
clipboard-means = Ce que vous copiez, la personne peut le coller, et l'inverse.
clipboard-short = Copier
files = Échanger des fichiers
files-means = La personne peut envoyer des fichiers et prendre les vôtres.
files-short = Fichiers
diagnose = Lire l'état de cet ordinateur
diagnose-means = Son modèle, son système et sa santé.
diagnose-short = État
terminal = Utiliser une ligne de commande
terminal-means = La personne peut lancer toute commande en votre nom.
terminal-short = Terminal

## Une personne que personne ici ne connaît
stranger-title = Personne sur cet ordinateur ne répond de cette personne
stranger-advice = Elle n'avait que votre code. Nous n'appelons jamais en premier. Ne montrez jamais votre banque, et n'envoyez jamais d'argent pour quelqu'un qui appelle.
stranger-word = inconnu
stranger-type = Si c'est vous qui avez appelé, tapez ici le mot « { $word } » :
stranger-read = Lisez d'abord : vous pourrez permettre dans { $seconds } s.

## Le bandeau
stopped = Arrêté
pausing = Mise en pause…
paused = En pause : personne ne voit votre écran
one-lost = { $who } a perdu la connexion
all-lost = { $count } personnes ont perdu la connexion
one-sees = { $who } voit votre écran
one-controls = { $who } peut commander votre ordinateur
several-see = { $count } personnes voient votre écran
several-control = { $count } personnes voient votre écran, { $controlling } peut le commander
stopping = Clavier et souris ne sont qu'à vous. Fin de la session…
panic-key-fails = { $key } ne marche pas ici
panic-key-works = { $key } arrête aussi
stop-for-all = Arrêter met fin à tout
stop-for-all-key = Arrêter met fin à tout, tout comme { $key }
time-left = encore { $time }
ending = Se termine…
controls = commande
sees = voit
away = Personne ne regarde ; retour possible d'ici { $time }
while-locked = tant que l'écran est verrouillé
unconfirmed = sans réponse : « Reprendre » continue
added = { $what } : encore { $time }
agreed-earlier = accès convenu auparavant
another-network = depuis un autre réseau
and-more = et { $count } de plus
stop = Arrêter
pause = Pause
continue = Reprendre
end = Finir
end-of = Mettre fin : { $who }
switch-of = { $what } : { $who }

## Le code
code-or = ou : { $words }
code-good = Valable une fois, encore { $time }.
code-advice = Ne le donnez qu'à une personne que vous avez appelée vous-même.
code-new = Autre code
code-close = Fermer
code-used = Quelqu'un a utilisé votre code.
code-guessed = Trois codes faux ont été essayés : le vôtre ne vaut plus rien.
code-hidden = Votre code ne vaut plus rien : il n'était plus affiché.

## Après une session
session-ended = Session terminée
nobody-sees = Plus personne ne voit votre écran.
server-ended = Vous avez arrêté. Le programme qui montrait cet écran ne répondait pas et a été fermé.
was-here-used = { $who } a eu accès pendant { $time } et a utilisé votre clavier ou votre souris.
was-here-unused = { $who } a eu accès pendant { $time } et pouvait utiliser votre clavier et votre souris, mais ne l'a pas fait.
was-here-saw = { $who } a eu accès pendant { $time } et pouvait voir votre écran.
also-allowed = Vous avez aussi accordé : { $what }.
added-for-a-while = Vous avez accordé pour un moment : { $what }.
nobody-asked = Vous aviez donné votre accord plus tôt, donc rien ne vous a été demandé.
receipt-kept = { $count ->
    [one] Un reçu est conservé sur cet ordinateur.
   *[other] { $count } reçus sont conservés sur cet ordinateur.
}
end-officer-left = La personne qui vous aidait est partie.
end-stopped = Vous avez arrêté.
end-expired = Le temps que vous aviez accordé est écoulé.
end-link-lost = La connexion avec la personne est perdue.
end-replaced = La personne s'est connectée de nouveau.
end-host-left = Le partage a été arrêté sur cet ordinateur.
end-policy = La personne n'est pas (ou plus) admise sur cet ordinateur.
end-denied = Vous avez refusé.
end-unanswered = Personne n'a répondu à la question.
end-unconfirmed = On vous a demandé si la session pouvait continuer, et vous n'avez pas répondu.
end-locked = L'écran était verrouillé.
end-incompatible = Les deux programmes n'ont pas de version commune ; le plus ancien doit être mis à jour.
end-capture-lost = L'écran ne pouvait plus être montré.
end-misbehaved = Le programme de la personne a fait une chose interdite.
end-certificate = Le certificat de la personne n'est pas valable sur cet ordinateur.
end-code-wrong = Le code était faux.
end-code-none = Il n'y avait pas de code, ou plus.
end-code-wait = Trop de codes ont été essayés.
end-unrecorded = Cet ordinateur n'a pas pu noter ce qui se fait : rien n'est donc permis.
end-desk-lost = La fenêtre qui annonce la session est tombée en panne.
