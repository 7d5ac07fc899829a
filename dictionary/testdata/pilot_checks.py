#!/usr/bin/env python3
"""Counts, without any code of this library, for how many records of the pilot study each rule of its dictionary acts.

    python3 pilot_checks.py FOLDER-OF-THE-EXPORT FOLDER-OF-THE-STUDY > pilot_checks.json

Keys of recordData are folded by case. A comparison of dates counts only if it holds for every completion; answers that
are no date, and rules that read other records, decide nothing. Generated "required" rules are left out of the result
where they never act."""
import csv, json, gzip, re, collections, sys
import xml.etree.ElementTree as ET
csv.field_size_limit(10**9)
P = sys.argv[1].rstrip('/') + '/'
S = sys.argv[2].rstrip('/') + '/'
R=list(csv.DictReader(open(P+'BUSINESS_LOGIC.csv',newline='',encoding='utf-8')))
Q={(q['Form'],q['Variable Name']):q for q in csv.DictReader(open(P+'QUESTIONS.csv',newline='',encoding='utf-8'))}
recs=[json.loads(l) for l in gzip.open(S + 'records.ndjson.gz','rt')]
cnt=collections.Counter()
dis=collections.defaultdict(list)
def val(d,n):
    x=d.get(n.upper())
    return None if x is None or x == "" else x
def num(x):
    try: return float(x)
    except: return None
def kind(x,form):
    return Q[form,x.text.strip()]['Variable Type'] if x.tag=='question' else x.tag
def same(a,b,kinds):
    """Texts and choices by their text, numbers as numbers, flags as flags; what cannot be read decides nothing."""
    if a is None or b is None: return a is b
    if 'Checkbox' in kinds:
        flags=[{'true':1,'1':1,'yes':1,'y':1,'t':1,'checked':1,'false':0,'0':0,'no':0,'n':0,'f':0}[str(x).strip().lower()] for x in (a,b)]
        return flags[0]==flags[1]
    if any(k.startswith(('Date','current')) for k in kinds):
        if not all(re.fullmatch(r'\d{4}-\d\d-\d\d([T ]\d\d(:\d\d){0,2})?', str(x)) for x in (a, b)): raise KeyError
        if a[:10]!=b[:10]: return False
        if len(a)!=len(b): raise KeyError
        return a==b
    if 'Number' in kinds:
        if num(a) is None or num(b) is None: raise KeyError
        return num(a)==num(b)
    return str(a).strip()==str(b).strip()
def ev(e,form,d):
    t=e.tag
    if t in('and','Conditions'): return all(ev(c,form,d) for c in e)
    if t=='or': return any(ev(c,form,d) for c in e)
    if t=='not': return not all(ev(c,form,d) for c in e)
    if t=='true': return True
    if t=='blank': return val(d,e[0].text.strip()) is None
    if t=='checked':
        x=val(d,e[0].text.strip())
        return x is not None and same(x,'yes',['Checkbox'])
    if t=='equals' and e[0].tag in('hidden','disabled'):
        return state(e[0].tag,e[0][0].text.strip(),form,d)
    if t in('equals','lt','gt'):
        a,b=[op(x,form,d) for x in e]
        if 'U' in (a,b): raise KeyError
        if t=='equals': return same(a,b,[kind(x,form) for x in e])
        if a is None or b is None: return False
        na,nb=num(a),num(b)
        if na is not None and nb is not None: return na<nb if t=='lt' else na>nb
        a,b=str(a),str(b)
        if not all(re.fullmatch(r'\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d){0,2})?)?)?', x) for x in (a, b)): raise KeyError
        # dates: certain only
        L=min(len(a),len(b),10)
        if 'T' in a and 'T' in b: L=min(len(a),len(b))
        if a[:L]!=b[:L]: return (a[:L]<b[:L]) if t=='lt' else a[:L]>b[:L]
        if len(a)==len(b)>=10: return False
        raise KeyError
    raise KeyError
def op(x,form,d):
    if x.tag=='value': return x.text
    if x.tag=='question': return val(d,x.text.strip())
    if x.tag=='current_date_only': return '2026-01-01'
    return 'U'
def state(k,n,form,d):
    for r,root in dis[form]:
        for a in root.find('Actions'):
            if a.tag in({'disabled':('disable_and_clear_field','disable_field'),'hidden':('hide_field','hide_and_clear_field')}[k]) and any(q.text.strip()==n for q in a.findall('question')):
                c=root.find('Conditions')
                if len(c) and ev(c,form,d): return True
    return False
rules=collections.defaultdict(list)
for r in R:
    if r['Type']=='Form' and r['Status']=='Active' and r['Logic']:
        root=ET.fromstring(r['Logic']); rules[r['Form']].append((r,root))
        if any(a.tag.startswith(('disable','hide')) for a in root.find('Actions')): dis[r['Form']].append((r,root))
und=0;tot=0
for rec in recs:
    if rec['deleted']: continue
    d={k.upper(): v for k, v in (rec.get('recordData') or {}).items()}
    for r,root in rules[rec['formKey']]:
        tot+=1
        try:
            c=root.find('Conditions')
            if len(c) and ev(c,rec['formKey'],d): cnt[r['ID']]+=1
        except KeyError: und+=1
json.dump({'evaluated': tot, 'undecided': und, 'acting': dict(sorted(cnt.items()))}, sys.stdout, indent=1)
print()
