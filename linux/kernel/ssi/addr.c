// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: addresses of nodes
 */

/**
 * DOC: addresses
 *
 * An address is written ADDR or ADDR:PORT for IPv4, and ADDR or [ADDR]:PORT for
 * IPv6, where ADDR may end in %DEVICE for a link-local one.  A peer is written
 * ID@ADDR.  All functions here are pure, but that a %DEVICE is looked up in the
 * initial network namespace.
 */

#include <kunit/visibility.h>
#include <linux/ctype.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "addr.h"
#include "instance.h"

/**
 * ssi_addr_default_port - fill in a port that was not given
 * @addr: address
 * @port: port in host byte order
 *
 * Context: any.
 */
void ssi_addr_default_port(struct sockaddr_storage *addr, u16 port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	if (addr->ss_family == AF_INET && !in->sin_port)
		in->sin_port = htons(port);
	if (addr->ss_family == AF_INET6 && !in6->sin6_port)
		in6->sin6_port = htons(port);
}

/**
 * ssi_addr_parse - read an address
 * @text: ADDR, ADDR:PORT or [ADDR]:PORT
 * @addr: result; port 0 if none was given
 *
 * Context: may sleep (device lookup).
 * Return: 0 or -EINVAL.
 */
int ssi_addr_parse(const char *text, struct sockaddr_storage *addr)
{
	char buf[INET6_ADDRSTRLEN + IFNAMSIZ + 8];
	const char *port = NULL;
	char *host = buf, *end;

	if (strscpy(buf, text, sizeof(buf)) <= 0)
		return -EINVAL;

	if (*buf == '[') {
		host = buf + 1;
		end = strchr(host, ']');
		if (!end)
			return -EINVAL;
		*end++ = '\0';
		if (*end && *end != ':')
			return -EINVAL;
		if (*end)
			port = end + 1;
		if (!strchr(host, ':'))
			return -EINVAL;
	} else {
		end = strchr(host, ':');
		if (end && !strchr(end + 1, ':')) {
			*end = '\0';
			port = end + 1;
		}
	}
	if (port && !isdigit(*port))
		return -EINVAL;

	memset(addr, 0, sizeof(*addr));
	return inet_pton_with_scope(&init_net, AF_UNSPEC, host, port, addr) ?
	       -EINVAL : 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_addr_parse);

/**
 * ssi_addr_parse_peer - read the name and address of a peer
 * @text: ID@ADDR, ID@ADDR:PORT or ID@[ADDR]:PORT
 * @id: resulting node id
 * @addr: resulting address, with port
 *
 * Context: may sleep (device lookup).
 * Return: 0, -EINVAL, or -ERANGE for an id that no node can have.
 */
int ssi_addr_parse_peer(const char *text, u32 *id,
			struct sockaddr_storage *addr)
{
	const char *at = strchr(text, '@');
	char number[8];
	int err;

	if (!at || at == text || at - text >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, at - text);
	number[at - text] = '\0';
	if (!isdigit(*number) || kstrtou32(number, 10, id))
		return -EINVAL;
	if (!*id || *id > SSI_NODE_ID_MAX)
		return -ERANGE;

	err = ssi_addr_parse(at + 1, addr);
	if (err)
		return err;
	ssi_addr_default_port(addr, SSI_DEFAULT_PORT);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_addr_parse_peer);

/**
 * ssi_addr_valid - can a peer have this address?
 * @addr: address
 *
 * Context: any.
 * Return: true for an IPv4 or IPv6 address that names one host.
 */
bool ssi_addr_valid(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET) {
		__be32 ip = ((const struct sockaddr_in *)addr)->sin_addr.s_addr;

		return !ipv4_is_multicast(ip) && !ipv4_is_lbcast(ip) &&
		       !ipv4_is_zeronet(ip);
	}
	if (IS_ENABLED(CONFIG_IPV6) && addr->ss_family == AF_INET6) {
		const struct in6_addr *ip =
			&((const struct sockaddr_in6 *)addr)->sin6_addr;

		return !ipv6_addr_any(ip) && !ipv6_addr_is_multicast(ip);
	}
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_addr_valid);

/**
 * ssi_addr_to_in6 - an address in the one form that all have
 * @addr: IPv4 or IPv6 address
 * @ip: filled in; an IPv4 address is mapped into IPv6
 *
 * Context: any; pure.
 */
void ssi_addr_to_in6(const struct sockaddr_storage *addr, struct in6_addr *ip)
{
	if (addr->ss_family == AF_INET6)
		*ip = ((const struct sockaddr_in6 *)addr)->sin6_addr;
	else
		ipv6_addr_set_v4mapped(((const struct sockaddr_in *)addr)->sin_addr.s_addr,
				       ip);
}

/**
 * ssi_addr_same_host - do two addresses name one host?
 * @a: address
 * @b: address
 *
 * Ports and scopes do not count, and an IPv4 address is the same as its form
 * mapped into IPv6, in which a wildcard listener sees it.
 *
 * Context: any.
 * Return: true if they do.
 */
bool ssi_addr_same_host(const struct sockaddr_storage *a,
			const struct sockaddr_storage *b)
{
	struct in6_addr ip_a, ip_b;

	ssi_addr_to_in6(a, &ip_a);
	ssi_addr_to_in6(b, &ip_b);
	return ipv6_addr_equal(&ip_a, &ip_b);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_addr_same_host);

/**
 * ssi_addr_hash - a number that is the same for addresses that name one host
 * @addr: address
 *
 * Context: any; pure.
 * Return: the number.
 */
u32 ssi_addr_hash(const struct sockaddr_storage *addr)
{
	struct in6_addr ip;

	ssi_addr_to_in6(addr, &ip);
	return jhash2((const u32 *)&ip, sizeof(ip) / sizeof(u32), 0);
}

/**
 * ssi_addr_get_nla - read an address from a request
 * @addr: attribute with 4 or 16 bytes
 * @scope: attribute of an interface, or NULL
 * @port: attribute, or NULL: the port stays 0
 * @ss: filled in
 * @extack: for a sentence
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int ssi_addr_get_nla(const struct nlattr *addr, const struct nlattr *scope,
		     const struct nlattr *port, struct sockaddr_storage *ss,
		     struct netlink_ext_ack *extack)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	__be16 be_port = port ? cpu_to_be16(nla_get_u16(port)) : 0;

	memset(ss, 0, sizeof(*ss));
	switch (nla_len(addr)) {
	case sizeof(struct in_addr):
		sin->sin_family = AF_INET;
		sin->sin_addr.s_addr = nla_get_in_addr(addr);
		sin->sin_port = be_port;
		return 0;
	case sizeof(struct in6_addr):
		sin6->sin6_family = AF_INET6;
		sin6->sin6_addr = nla_get_in6_addr(addr);
		sin6->sin6_port = be_port;
		if (scope)
			sin6->sin6_scope_id = nla_get_u32(scope);
		return 0;
	default:
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "An address has 4 (IPv4) or 16 (IPv6) bytes");
		return -EINVAL;
	}
}

/**
 * ssi_addr_put_nla - write an address into an answer
 * @msg: answer
 * @ss: address
 * @addr: type of its attribute
 * @scope: type of that of an interface
 * @port: type of that of the port
 *
 * Context: any.
 * Return: 0, or -EMSGSIZE.
 */
int ssi_addr_put_nla(struct sk_buff *msg, const struct sockaddr_storage *ss,
		     int addr, int scope, int port)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ss;

	switch (ss->ss_family) {
	case AF_INET:
		return nla_put_in_addr(msg, addr, sin->sin_addr.s_addr) ?:
		       nla_put_u16(msg, port, be16_to_cpu(sin->sin_port));
	case AF_INET6:
		if (sin6->sin6_scope_id &&
		    nla_put_u32(msg, scope, sin6->sin6_scope_id))
			return -EMSGSIZE;
		return nla_put_in6_addr(msg, addr, &sin6->sin6_addr) ?:
		       nla_put_u16(msg, port, be16_to_cpu(sin6->sin6_port));
	default:
		return 0;
	}
}
