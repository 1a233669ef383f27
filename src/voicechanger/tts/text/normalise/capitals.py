"""Short words that people write in capitals for emphasis, by language; other short capitals are acronyms."""

from __future__ import annotations

from voicechanger.tts.text.normalise.facts import listed

SPANISH = frozenset(
    listed(
        """
    ahí al allí amor aquí así aún bien cada casi como con da dan de del di dio dos doy dé día el en era es esa
    ese eso esta este esto fe fin fue gran ha han has hay haz he hoy ir la las les lo los luz mal mar me mi mil
    mis muy más mí nada ni no nos otra otro paz pero por que qué rey sal se ser si sin sol solo son soy su sus
    sé sí sólo tan te ti todo tres tu tus tú un una uno va van vas ve ven ver vez vida vio voy ya yo él
    """
    )
)

FRENCH = frozenset(
    listed(
        """
    ai as au avec bien car ce dans de des deux dis dit dois doit donc du elle en est et eu fait faux fin ici il
    ils je jeu la le les loi lui là ma mais mal me mer mes moi mon mort ne non nos nous on ou oui où par pas peu
    plus pour que qui quoi rien roi sa sans se ses si son sont sous suis sur ta te tes toi ton tous tout trois
    trop très tu un une va vas vie vos vous vrai à ça été
    """
    )
)

ITALIAN = frozenset(
    listed(
        """
    a al bene che chi ci col con cosa così da dai dal del di do due dà dì e ed fa fai fino già gli ha hai ho i
    il in io la le lei lo lui ma mai male mi mia mio ne no noi non o od oggi ora per più può qui sa se sei si so
    solo sta sto su sua sul suo sì ti tre tu tua tuo un una uno va vai vero vi via voi è
    """
    )
)

PORTUGUESE = frozenset(
    listed(
        """
    a ali ao aos aqui as até bem com da dar de do dois e ela ele eles em essa esse esta este eu fim foi fé hoje
    isso já lhe luz lá mais mal mar mas me meu mil minha na nada nem no nos não nós o os ou paz por pra que rei
    se sem ser seu sim sua só te ter teu três tu tua tudo um uma vai ver vez vou vós à às é
    """
    )
)
