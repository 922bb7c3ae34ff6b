//! Whose connection it is, as the kernel says.

use std::net::{SocketAddr, SocketAddrV4};

/// The user on the other end of a connection over loopback. `None` where the system does not say,
/// which is everywhere but on Linux.
#[expect(clippy::disallowed_methods, reason = "the kernel tells it by a file")]
pub(super) fn owner_of(peer: SocketAddr, ours: SocketAddr) -> Option<u32> {
    let (SocketAddr::V4(peer), SocketAddr::V4(ours)) = (peer, ours) else {
        return None;
    };
    owner_in(&std::fs::read_to_string("/proc/net/tcp").ok()?, peer, ours)
}

/// Finds the peer's end in the kernel's table: number, its own address, the address that it is
/// connected to, five columns that do not matter here, and the user.
fn owner_in(table: &str, peer: SocketAddrV4, ours: SocketAddrV4) -> Option<u32> {
    let (peer, ours) = (in_the_table(peer), in_the_table(ours));
    table.lines().find_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let is_it = columns.next()? == peer && columns.next()? == ours;
        columns.nth(4).filter(|_| is_it)?.parse().ok()
    })
}

/// Hexadecimal, the address in this machine's order of bytes: `0100007F:C350`.
fn in_the_table(address: SocketAddrV4) -> String {
    format!(
        "{:08X}:{:04X}",
        u32::from_ne_bytes(address.ip().octets()),
        address.port()
    )
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_user_is_read_from_the_kernels_table() {
        let address = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let ip = in_the_table(address(0));
        let ip = ip.trim_end_matches(":0000");
        let table = format!(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             \x20  0: {ip}:1F90 {ip}:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1\n\
             \x20  1: {ip}:C350 {ip}:1F90 01 00000000:00000000 00:00000000 00000000  1234        0 2\n"
        );
        assert_eq!(
            owner_in(&table, address(0xC350), address(0x1F90)),
            Some(1234)
        );
        assert_eq!(owner_in(&table, address(0xC351), address(0x1F90)), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn our_own_connection_is_ours() {
        use std::os::unix::fs::MetadataExt;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        let ours = listener.local_addr().expect("its address");
        let stream = TcpStream::connect(ours).expect("a connection");
        let peer = stream.local_addr().expect("its address");
        let us = std::fs::metadata("/proc/self").expect("this process").uid();
        assert_eq!(owner_of(peer, ours), Some(us));
    }
}
