/**
 * Short and familiar forms of first names, as sets: two names in one set may be one person's. Common English, Spanish and German ones; a
 * form may stand in several sets (Alex). What is missing here costs a match its certainty, never makes a wrong one.
 */
const sets: readonly string[] = [
  'william will bill billy willie liam', 'robert rob bob bobby robbie', 'richard rick dick rich ricky', 'james jim jimmy jamie', 'john jack johnny jon', 'joseph joe joey', 'thomas tom tommy',
  'charles charlie chuck chas', 'michael mike mick mickey', 'edward ed eddie ted teddy ned', 'daniel dan danny', 'david dave davey', 'matthew matt', 'christopher chris kit topher', 'anthony tony',
  'andrew andy drew', 'stephen steven steve', 'gregory greg', 'kenneth ken kenny', 'ronald ron ronnie', 'donald don donny', 'lawrence larry laurence', 'timothy tim', 'samuel sam sammy', 'benjamin ben benny',
  'alexander alex al sasha xander', 'nicholas nick nico', 'jonathan jon john', 'patrick pat paddy', 'peter pete', 'frederick fred freddie', 'henry hank harry', 'walter walt', 'gerald gerry jerry', 'leonard leo len lenny',
  'elizabeth liz lizzie beth betty eliza lisa', 'katherine catherine kathryn kate katie kathy cathy kat', 'margaret maggie meg peggy marge rita', 'patricia pat patty trish tricia', 'jennifer jen jenny', 'susan sue susie suzanne',
  'deborah debra deb debbie', 'barbara barb babs', 'rebecca becky becca', 'jessica jess jessie', 'victoria vicky tori', 'alexandra alex sandra sasha lexi', 'christina christine chris tina chrissy', 'samantha sam sammy', 'amanda mandy',
  'dorothy dot dottie', 'theresa teresa terry tess', 'abigail abby gail', 'judith judy', 'pamela pam', 'cynthia cindy', 'kimberly kim', 'nancy nan', 'virginia ginny', 'eleanor ellie nora nell', 'isabella isabel bella izzy',
  'josephine jo josie', 'madeline maddie', 'gabriela gabi gabby', 'francisco paco pancho frank', 'jose pepe', 'guadalupe lupe', 'ignacio nacho', 'maria mary mia', 'johannes hans johann jan', 'friedrich fritz', 'wilhelm willi', 'heinrich heinz',
];

const setsOf = new Map<string, Set<number>>();
for (const [at, names] of sets.entries()) {
  for (const name of names.split(' ')) setsOf.set(name, new Set([...(setsOf.get(name) ?? []), at]));
}

/** @param left @param right  Folded (`foldedName`). */
export function areNicknames(left: string, right: string): boolean {
  const [mine, theirs] = [setsOf.get(left), setsOf.get(right)];
  return left !== right && mine !== undefined && theirs !== undefined && [...mine].some((at) => theirs.has(at));
}
