//! The words of the demo.

use super::label::Label;

words! {
    DEMO_BROKE: "the demo could not finish", "демонстрация не дошла до конца";
    DEMO_IS: "A small internet runs inside this program, and its calendar shows November 2016: a phone in Russia, its \
        provider, VK, a proxy in the Netherlands and a Tor. The days, the order and the numbers of members are those of \
        a real community; its name here, the texts and the place are made up. No real network is used, but the code that \
        reads is the one you would run. Times are those at the plant (UTC+07:00).",
        "Внутри этой программы работает маленький интернет, и в нём ноябрь 2016 года: телефон в России, его провайдер, \
        ВКонтакте, прокси в Нидерландах и Tor. Дни, требование прокуратуры и число участников настоящие; название, \
        тексты и место выдуманы. Настоящая сеть не нужна, но читает тот же код, который запустили бы вы. Время — у завода (UTC+07:00).";
    DEMO_DAY_9: "9 November 2016", "9 ноября 2016";
    DEMO_DAY_12: "12 November 2016", "12 ноября 2016";
    DEMO_DAYS_AFTER: "in the days after", "в следующие дни";
    DEMO_ANNOUNCED: "The workers of a machine-tool plant have a community on VK. It announces a people's gathering.",
        "У рабочих станкозавода есть сообщество ВКонтакте. В нём объявляют народный сход.";
    DEMO_WITHHELD: "On the 11th the Prosecutor General ordered it closed. From the 12th it is cut in the country: the \
        direct route fails, and the verdict says why.",
        "11 ноября Генеральная прокуратура потребовала его закрыть. С 12-го оно в стране недоступно: прямой путь не \
        работает, и вердикт говорит почему.";
    DEMO_AROUND: "A proxy abroad and Tor are allowed, too (ways.txt). The direct route is no longer tried; the proxy reads it.",
        "Разрешены ещё прокси за границей и Tor (ways.txt). Прямой путь больше не пробуется; читается через прокси.";
    DEMO_COMPARED: "The network may block it as well. Every route is tried by itself, and the answers are compared.",
        "Обрывать может и сама сеть. Тогда каждый путь проверяется отдельно, и ответы сравниваются.";
    DEMO_ADVICE: "The admins write into its name how to reach it. Byway takes that as access advice.",
        "Админы пишут прямо в названии, как его открыть. Byway понимает это как просьбу, каким путём их читать.";
    DEMO_CLAIM: "They open a replacement, and a post names it. That is a claim: it is shown, and not followed.",
        "Они открывают новое сообщество, о нём говорит запись. Это утверждение: его видно, но Byway туда не идёт.";
    DEMO_REPLACEMENT: "You have looked at it, and open the replacement yourself.",
        "Вы посмотрели и сами открываете новое.";
    DEMO_LATER: "ten years later", "десять лет спустя";
    DEMO_SIGNED: "What a claim can't prove, keys can. A signed community, which is made up, on a site of its own ($SIGNED is its link).",
        "Чего не докажет ссылка в посте, доказывают ключи. Подписанное сообщество (выдуманное) на своём сайте; $SIGNED — ссылка на него.";
    DEMO_SIGNED_MOVE: "It moves: the old side names the new one, and the new one the old. Both sign that. You are asked.",
        "Оно переезжает: старое называет новое, новое — старое, и оба это подписывают. Решаете вы.";
    DEMO_FOLLOWED: "You say yes. From now on the old link leads to the new community.",
        "Вы соглашаетесь. Теперь старая ссылка ведёт в новое сообщество.";
    DEMO_CHANNEL: "A group may have another home: here a channel at Telegram, which is made up. t.me is cut as well; the \
        channel is read through the proxy.",
        "У группы бывает и другой адрес: здесь канал в Telegram, он выдуман. t.me тоже обрывается; канал читается через прокси.";
    DEMO_OFFLINE: "Then the network is gone. What was read stays, sealed on the phone.",
        "А потом пропадает и сеть. Прочитанное осталось в телефоне, запечатанным.";
    DEMO_OFFLINE_NEW: "The replacement, too.", "И новое тоже.";
    DEMO_END: "That was the demo. Now ask about your own network; this needs no token and no account:",
        "Вот и вся демонстрация. Теперь спросите о своей сети; ни ключ, ни учётная запись для этого не нужны:";
    DEMO_END_READ: "To read a community of VK: `byway help open`.",
        "Как прочитать сообщество ВКонтакте: `byway help open`.";
    DEMO_TOR_IS: "A private Tor network starts on this machine: eleven processes of the `tor` that is installed, which takes some \
        ten seconds. The site and the censor that cuts its name are simulated on this machine, too. Nothing leaves it. In this \
        network one person runs all relays, so it hides nothing from that person.",
        "На этой машине запускается собственная сеть Tor: одиннадцать процессов установленного `tor`, это секунд десять. Сайт и \
        цензор, который обрывает его по имени, тоже здесь. Наружу ничего не уходит. Все узлы этой сети запускает один человек, \
        и от него она ничего не скрывает.";
    DEMO_TOR_MISSING: "this needs the program `tor` with `tor-gencert`, which is not installed (Debian: apt install tor)",
        "нужна программа `tor` вместе с `tor-gencert`, а она не установлена (Debian: apt install tor)";
    DEMO_TOR_NOW: "now", "сейчас";
    DEMO_TOR_CUT: "A community has a site of its own. The network cuts it by its name.",
        "У сообщества есть свой сайт. Сеть обрывает его по имени.";
    DEMO_TOR_READS: "Tor is allowed, too. Byway starts its own and reads the site through an exit.",
        "Разрешён ещё и Tor. Byway запускает свой и читает сайт через выходной узел.";
    DEMO_TOR_ONION: "The same community at an onion service. Only Tor reaches it.",
        "То же сообщество на onion-сервисе. Туда ведёт только Tor.";
    DEMO_TOR_END: "That was Tor. On a network that blocks it, bridges help: docs/tor.md.",
        "Вот и весь Tor. Если сеть блокирует и его, помогают мосты: docs/tor.md.";
    DEMO_NAME: "Workers of the machine-tool plant", "Рабочие станкозавода";
    DEMO_NAME_ADVICE: "Workers of the machine-tool plant (only through the Tor browser)",
        "Рабочие станкозавода (только через браузер Tor)";
    DEMO_POST: "People's gathering on Saturday the 19th, at noon. Bring your families: vk.com/event157",
        "Народный сход в субботу, 19-го, в полдень. Приходите семьями: vk.com/event157";
    DEMO_GATHERING: "People's gathering", "Народный сход";
    DEMO_PLACE: "The square in front of the plant's gate", "Площадь у проходной";
    DEMO_MOVED: "We have a new community: vk.com/zavod_demo_2", "У нас новое сообщество: vk.com/zavod_demo_2";
    DEMO_OLD_COMMUNITY: "Our old community: vk.com/zavod_demo", "Наше старое сообщество: vk.com/zavod_demo";
    DEMO_CHANNEL_POST: "Saturday at noon. Come with your families.", "В субботу в полдень. Приходите семьями.";
    DEMO_SIGNED_POST: "The gathering is on Saturday at noon.", "Сход в субботу в полдень.";
    DEMO_POST_NEW: "We continue here. The gathering will take place.", "Продолжаем здесь. Сход в силе.";
}
