"""A name server of its own on loopback, over UDP and TCP, with the records that a test gives it. It asks nobody else."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], Sequence[str]]
"""(name, type) to the values as they stand in a zone file; TXT values are quoted and cut here."""


class NameServer:
    """Answers on `port` from `records`, which may change meanwhile; names in `silent` are never answered. `asked` keeps the questions."""

    def __init__(self, records: Records | None = None) -> None:
        self.records: dict[tuple[str, str], Sequence[str]] = {}
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        for (name, kind), values in (records or {}).items():
            self.put(name, kind, *values)
        self._tcp, self._udp, self.port = _pair()
        self._threads = [threading.Thread(target=serve, daemon=True) for serve in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    @property
    def address(self) -> str:
        """As THROUGHLINE_DNS wants it."""
        return f"127.0.0.1:{self.port}"

    def put(self, name: str, kind: str, *values: str) -> None:
        self.records[(name.lower().rstrip("."), kind)] = [_quoted(value) if kind == "TXT" else value for value in values]

    def stop(self) -> None:
        for place in (self._udp, self._tcp):
            # A thread that waits in recvfrom or accept is not woken by close alone.
            with contextlib.suppress(OSError):
                place.shutdown(socket.SHUT_RDWR)
            place.close()
        for thread in self._threads:
            thread.join(5)

    def _serve_udp(self) -> None:
        while True:
            try:
                wire, client = self._udp.recvfrom(65535)
            except OSError:
                return
            answer = self._answer(wire, most=1232)
            if answer:
                self._udp.sendto(answer, client)

    def _serve_tcp(self) -> None:
        while True:
            try:
                client, _ = self._tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._one_tcp, args=(client,), daemon=True).start()

    def _one_tcp(self, client: socket.socket) -> None:
        with client:
            client.settimeout(10)
            try:
                (size,) = struct.unpack("!H", client.recv(2, socket.MSG_WAITALL))
                answer = self._answer(client.recv(size, socket.MSG_WAITALL), most=65535)
                if answer:
                    client.sendall(struct.pack("!H", len(answer)) + answer)
            except (OSError, struct.error):
                return

    def _answer(self, wire: bytes, *, most: int) -> bytes | None:
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        self._fill(response, name, kind)
        try:
            return response.to_wire(max_size=most)
        except dns.exception.TooBig:
            response.answer.clear()
            response.flags |= dns.flags.TC
            return response.to_wire()

    def _fill(self, response: Any, name: str, kind: str) -> None:
        followed = 0
        while (name, kind) not in self.records and (alias := self.records.get((name, "CNAME"))) and followed < 20:
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{alias[0].rstrip('.')}."))
            name, followed = alias[0].lower().rstrip("."), followed + 1
        values = self.records.get((name, kind))
        if values:
            response.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", kind, list(values)))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)


def _pair() -> tuple[socket.socket, socket.socket, int]:
    """UDP and TCP on the same free port."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        port = int(tcp.getsockname()[1])
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(("127.0.0.1", port))
        except OSError:
            tcp.close()
            udp.close()
            continue
        return tcp, udp, port


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{escaped[at : at + 250]}"' for at in range(0, len(escaped), 250)) or '""'
