//! Names as they are in companies: many languages, accents, and a Latin spelling for the login.

/// Where people of one culture live and what they are called. A name is what is shown and, where
/// that differs by more than case, the letters used in a login.
pub(super) struct Culture {
    pub(super) language: &'static str,
    pub(super) country: &'static str,
    pub(super) timezone: &'static str,
    pub(super) city: &'static str,
    pub(super) street: &'static str,
    pub(super) dial: &'static str,
    pub(super) given: &'static [(&'static str, &'static str)],
    pub(super) family: &'static [(&'static str, &'static str)],
}

macro_rules! culture {
    ($language:literal $country:literal $timezone:literal $city:literal $street:literal
     $dial:literal; $($given:literal $login:literal),+; $($family:literal $tail:literal),+) => {
        Culture {
            language: $language,
            country: $country,
            timezone: $timezone,
            city: $city,
            street: $street,
            dial: $dial,
            given: &[$(($given, $login)),+],
            family: &[$(($family, $tail)),+],
        }
    };
}

#[rustfmt::skip]
pub(super) const CULTURES: &[Culture] = &[
    culture!("en" "US" "America/Chicago" "Chicago" "West Adams Street" "+1312555";
        "Amelia" "amelia", "Brandon" "brandon", "Charlotte" "charlotte", "Darnell" "darnell",
        "Emily" "emily", "Grayson" "grayson", "Imani" "imani", "Joshua" "joshua", "Keisha" "keisha",
        "Logan" "logan", "Naomi" "naomi", "Owen" "owen", "Quinn" "quinn", "Tyrell" "tyrell";
        "Anderson" "anderson", "Brooks" "brooks", "Carter" "carter", "Diaz" "diaz", "Foster" "foster",
        "Greene" "greene", "Hughes" "hughes", "Jefferson" "jefferson", "Mitchell" "mitchell",
        "Okafor" "okafor", "Price" "price", "Ramirez" "ramirez", "Thompson" "thompson", "Young" "young"),
    culture!("en" "IE" "Europe/Dublin" "Dublin" "Baggot Street Lower" "+353155501";
        "Aoife" "aoife", "Ciarán" "ciaran", "Caoimhe" "caoimhe", "Declan" "declan", "Eoin" "eoin",
        "Fionnuala" "fionnuala", "Niamh" "niamh", "Oisín" "oisin", "Róisín" "roisin", "Séamus" "seamus",
        "Siobhán" "siobhan", "Tadhg" "tadhg";
        "O'Brien" "obrien", "Ó Súilleabháin" "osuilleabhain", "Byrne" "byrne", "Doyle" "doyle",
        "FitzGerald" "fitzgerald", "Gallagher" "gallagher", "Kavanagh" "kavanagh", "McCarthy" "mccarthy",
        "Ní Dhomhnaill" "nidhomhnaill", "Nolan" "nolan", "Quigley" "quigley", "Walsh" "walsh"),
    culture!("de" "DE" "Europe/Berlin" "Hamburg" "Große Elbstraße" "+4940555";
        "Anneliese" "anneliese", "Björn" "bjoern", "Cem" "cem", "Dörte" "doerte", "Emre" "emre",
        "Friederike" "friederike", "Günther" "guenther", "Hannelore" "hannelore", "Jürgen" "juergen",
        "Käthe" "kaethe", "Lukas" "lukas", "Sören" "soeren", "Ute" "ute", "Wiebke" "wiebke";
        "Bäcker" "baecker", "Großmann" "grossmann", "Hoffmann" "hoffmann", "Jäger" "jaeger",
        "Köhler" "koehler", "Lüdenscheidt" "luedenscheidt", "Müller" "mueller", "Özdemir" "oezdemir",
        "Schröder" "schroeder", "von Ahlefeld" "vonahlefeld", "Weiß" "weiss", "Yılmaz" "yilmaz"),
    culture!("fr" "FR" "Europe/Paris" "Lyon" "Rue de la République" "+33455501";
        "Aurélie" "aurelie", "Benoît" "benoit", "Chloé" "chloe", "Didier" "didier", "Élodie" "elodie",
        "François" "francois", "Gaëlle" "gaelle", "Hélène" "helene", "Jean-Baptiste" "jean-baptiste",
        "Léa" "lea", "Maëlys" "maelys", "Noël" "noel", "Zoé" "zoe";
        "Bélanger" "belanger", "Châtelain" "chatelain", "Deschamps" "deschamps", "d'Aubigné" "daubigne",
        "Faure" "faure", "Guérin" "guerin", "Lefèvre" "lefevre", "L'Hôte" "lhote", "Moreau" "moreau",
        "Nguyen" "nguyen", "Pélissier" "pelissier", "Traoré" "traore"),
    culture!("es" "MX" "America/Mexico_City" "Guadalajara" "Avenida Chapultepec" "+523355501";
        "Adrián" "adrian", "Begoña" "begona", "César" "cesar", "Dolores" "dolores", "Fermín" "fermin",
        "Guadalupe" "guadalupe", "Íñigo" "inigo", "Joaquín" "joaquin", "Lucía" "lucia", "María José" "mariajose",
        "Nicolás" "nicolas", "Ximena" "ximena";
        "Álvarez" "alvarez", "Castañeda" "castaneda", "de la Cruz" "delacruz", "Domínguez" "dominguez",
        "García Márquez" "garciamarquez", "Hernández" "hernandez", "Ibáñez" "ibanez", "Muñoz" "munoz",
        "Núñez" "nunez", "Peña" "pena", "Rodríguez" "rodriguez", "Yáñez" "yanez"),
    culture!("pt" "BR" "America/Sao_Paulo" "Curitiba" "Rua XV de Novembro" "+554155501";
        "Antônio" "antonio", "Beatriz" "beatriz", "Conceição" "conceicao", "Flávia" "flavia", "Gustavo" "gustavo",
        "Inês" "ines", "João" "joao", "Luísa" "luisa", "Otávio" "otavio", "Rafael" "rafael", "Thaís" "thais";
        "Araújo" "araujo", "Brandão" "brandao", "Conceição" "conceicao", "da Silva" "dasilva",
        "dos Santos" "dossantos", "Falcão" "falcao", "Gonçalves" "goncalves", "Magalhães" "magalhaes",
        "Nakamura" "nakamura", "Simões" "simoes", "Vilaça" "vilaca"),
    culture!("pl" "PL" "Europe/Warsaw" "Gdańsk" "ulica Długa" "+48585550";
        "Agnieszka" "agnieszka", "Bogusław" "boguslaw", "Dorota" "dorota", "Grzegorz" "grzegorz",
        "Jędrzej" "jedrzej", "Łucja" "lucja", "Małgorzata" "malgorzata", "Paweł" "pawel", "Róża" "roza",
        "Stanisław" "stanislaw", "Żaneta" "zaneta";
        "Błaszczyk" "blaszczyk", "Dąbrowski" "dabrowski", "Gałązka" "galazka", "Jabłoński" "jablonski",
        "Kołodziej" "kolodziej", "Łukasiewicz" "lukasiewicz", "Pietrzak" "pietrzak", "Sobczak" "sobczak",
        "Wójcik" "wojcik", "Zając" "zajac", "Źródłowska" "zrodlowska"),
    culture!("sv" "SE" "Europe/Stockholm" "Göteborg" "Södra Hamngatan" "+463155501";
        "Åsa" "asa", "Birgitta" "birgitta", "Edvin" "edvin", "Göran" "goran", "Hjördis" "hjordis",
        "Ingrid" "ingrid", "Jörgen" "jorgen", "Linnéa" "linnea", "Märta" "marta", "Östen" "osten";
        "Ångström" "angstrom", "Bergström" "bergstrom", "Ekdahl" "ekdahl", "Fälldin" "falldin",
        "Hägglund" "hagglund", "Jönsson" "jonsson", "Lindqvist" "lindqvist", "Nyström" "nystrom",
        "Sjögren" "sjogren", "Öhman" "ohman"),
    culture!("ja" "JP" "Asia/Tokyo" "大阪" "中之島" "+8165550";
        "陽菜" "hina", "健太" "kenta", "美咲" "misaki", "翔太" "shota", "由美子" "yumiko", "大輔" "daisuke",
        "さくら" "sakura", "直樹" "naoki", "恵" "megumi", "隆" "takashi";
        "佐藤" "sato", "鈴木" "suzuki", "高橋" "takahashi", "渡辺" "watanabe", "山本" "yamamoto",
        "小林" "kobayashi", "五十嵐" "igarashi", "長谷川" "hasegawa", "清水" "shimizu", "藤田" "fujita"),
    culture!("hi" "IN" "Asia/Kolkata" "Pune" "Fergusson College Road" "+912055501";
        "Aarav" "aarav", "Ananya" "ananya", "Bhavesh" "bhavesh", "Deepika" "deepika", "Farhan" "farhan",
        "Gurpreet" "gurpreet", "Ishaan" "ishaan", "Kavya" "kavya", "Lakshmi" "lakshmi", "Meera" "meera",
        "Nikhil" "nikhil", "Priyanka" "priyanka", "Rohan" "rohan", "Venkatesh" "venkatesh";
        "Agarwal" "agarwal", "Bhattacharya" "bhattacharya", "Chaudhary" "chaudhary", "Deshpande" "deshpande",
        "Iyer" "iyer", "Joshi" "joshi", "Khan" "khan", "Mukherjee" "mukherjee", "Patel" "patel",
        "Reddy" "reddy", "Singh" "singh", "Subramaniam" "subramaniam", "Venkataraman" "venkataraman"),
    culture!("vi" "VN" "Asia/Ho_Chi_Minh" "Đà Nẵng" "Bạch Đằng" "+84236555";
        "Anh Thư" "anhthu", "Bảo" "bao", "Đức" "duc", "Hồng" "hong", "Khánh" "khanh", "Linh" "linh",
        "Minh Châu" "minhchau", "Ngọc" "ngoc", "Phương" "phuong", "Quỳnh" "quynh", "Tuấn" "tuan";
        "Bùi" "bui", "Đặng" "dang", "Hoàng" "hoang", "Huỳnh" "huynh", "Lê" "le", "Ngô" "ngo",
        "Nguyễn" "nguyen", "Phạm" "pham", "Trần" "tran", "Võ" "vo"),
    culture!("el" "GR" "Europe/Athens" "Θεσσαλονίκη" "Τσιμισκή" "+30231055";
        "Αλέξανδρος" "alexandros", "Βασιλική" "vasiliki", "Γιώργος" "giorgos", "Δήμητρα" "dimitra",
        "Ελένη" "eleni", "Θεόδωρος" "theodoros", "Κωνσταντίνα" "konstantina", "Νίκος" "nikos",
        "Σοφία" "sofia";
        "Αγγελόπουλος" "angelopoulos", "Γεωργίου" "georgiou", "Δημητριάδης" "dimitriadis",
        "Καραγιάννης" "karagiannis", "Μαυρομάτη" "mavromati", "Οικονόμου" "oikonomou",
        "Παπαδόπουλος" "papadopoulos", "Χατζής" "chatzis"),
];

/// Departments with the titles found in them.
pub(super) const DEPARTMENTS: &[(&str, &[&str])] = &[
    (
        "Engineering",
        &[
            "Software Engineer",
            "Staff Engineer",
            "Site Reliability Engineer",
            "QA Analyst",
            "Engineering Manager",
        ],
    ),
    (
        "Sales",
        &[
            "Account Executive",
            "Sales Development Representative",
            "Regional Sales Director",
            "Solutions Consultant",
        ],
    ),
    ("Customer Success", &["Customer Success Manager", "Support Specialist", "Onboarding Lead"]),
    ("Finance", &["Accountant", "Controller", "Payroll Specialist", "Financial Analyst"]),
    ("People & Culture", &["Recruiter", "HR Business Partner", "Learning Manager"]),
    ("Marketing", &["Content Strategist", "Brand Designer", "Growth Manager"]),
    ("Legal", &["Counsel", "Paralegal", "Data Protection Officer"]),
    ("Operations", &["Warehouse Planner", "Logistics Coordinator", "Facilities Manager"]),
    ("Research", &["Scientist", "Principal Scientist", "Laboratory Technician"]),
    (
        "Information Technology",
        &["Systems Administrator", "Service Desk Analyst", "Security Engineer"],
    ),
];

/// Companies; each seed gives one, so that two seeds never meet on one server.
pub(super) const COMPANIES: &[(&str, &str)] = &[
    ("Hollis & Marsh", "hollis-marsh"),
    ("Corvid Foods", "corvid-foods"),
    ("Tamarack Energy", "tamarack"),
    ("Nordhavn Shipping", "nordhavn"),
    ("Peregrine Labs", "peregrine-labs"),
    ("Quillon Insurance", "quillon"),
    ("Saltmarsh Hotels", "saltmarsh"),
    ("Umbra Optics", "umbra-optics"),
];

pub(super) const PROJECTS: &[&str] = &[
    "Halcyon",
    "Kestrel",
    "Lighthouse",
    "Meridian",
    "Nimbus",
    "Orchard",
    "Pathfinder",
    "Quartz",
    "Redwood",
    "Sextant",
    "Tidewater",
    "Umbrella",
    "Vanguard",
    "Windmill",
    "Yonder",
    "Zephyr",
];
