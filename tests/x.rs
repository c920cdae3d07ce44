use glassbox::suite::*;
#[test]
fn x(){ let s=Settings::new(Level::Quick,1).unwrap(); for f in [free_diffusion::run, quadratic_well::run]{ let t=std::time::Instant::now(); let r=f(&s,&Silent).unwrap(); println!("{:?}",t.elapsed()); for v in r.judge(&s.budget){ println!("{:13} {:?} vis {:.4} {} | {}",v.outcome.to_string(), v.difference_in_standard_errors, v.smallest_visible_effect, v.name,v.reason);} } }
