//! Small words by which languages are told apart. Words that two of them share are left out of neither: the vote decides.

pub(super) const LANGUAGES: [(&str, &[&str]); 6] = [
    (
        "en",
        &[
            "the", "and", "is", "of", "to", "you", "for", "are", "with", "this", "that", "it",
            "can", "your", "be", "have", "not", "from", "or", "by", "we", "on", "at", "as", "will",
            "if", "an", "was", "has", "within", "which", "they", "when", "how",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "nicht", "sie", "ein", "eine", "mit", "für", "auf",
            "den", "von", "zu", "im", "dem", "ich", "wir", "auch", "sich", "es", "kann", "können",
            "wird", "werden", "bei", "oder", "einen", "einem", "am", "haben", "wenn", "ihre",
            "ihr", "nur", "wie",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "des", "et", "est", "vous", "une", "un", "pour", "pas", "que",
            "qui", "dans", "avec", "sur", "votre", "nous", "ne", "du", "au", "aux", "ce", "cette",
            "il", "elle", "sont", "plus",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "de", "y", "es", "que", "en", "una", "un", "para", "con",
            "no", "por", "su", "se", "del", "al", "lo", "como", "más", "está", "puede", "usted",
        ],
    ),
    (
        "it",
        &[
            "il", "lo", "la", "gli", "le", "di", "e", "è", "che", "un", "una", "per", "con", "non",
            "del", "della", "si", "sono", "come", "più", "può", "nel", "alla", "dei",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "een", "en", "van", "is", "niet", "op", "te", "dat", "voor", "met",
            "zijn", "je", "uw", "kunt", "ook", "aan", "bij", "wordt", "naar", "om", "deze", "ik",
        ],
    ),
];
