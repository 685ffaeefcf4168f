# SPDX-License-Identifier: GPL-2.0
#
# What the kernel at hand has, found in its headers: distributions backport,
# so a version number says little. Only kmod/compat/ may look at HAVE_*.
#
#	$(call have,FILE,WORD,NAME)	-DHAVE_NAME if WORD stands in FILE,
#					a header below include/
have = $(if $(shell grep -qsw '$(2)' $(srctree)/include/$(1) && echo y),-DHAVE_$(3))

# split operations: 6.2
ccflags-y += $(call have,net/genetlink.h,genl_split_ops,GENL_SPLIT_OPS)
# 6.2
ccflags-y += $(call have,linux/timer.h,timer_delete_sync,TIMER_DELETE_SYNC)
# GSO functions moved out of netdevice.h: 6.5
ccflags-y += $(call have,net/gso.h,skb_gso_segment,NET_GSO_H)
# 6.6
ccflags-y += $(call have,net/genetlink.h,genl_info_dump,GENL_INFO_DUMP)
# 6.9
ccflags-y += $(call have,linux/netdevice.h,pcpu_stat_type,PCPU_STAT_TYPE)
# skb->mono_delivery_time became tstamp_type: 6.11
ccflags-y += $(call have,linux/skbuff.h,tstamp_type,TSTAMP_TYPE)
# NETIF_F_LLTX became dev->lltx: 6.12
ccflags-y += $(call have,linux/netdevice.h,lltx,DEV_LLTX)
# asm/unaligned.h became linux/unaligned.h: 6.12
ccflags-y += $(call have,linux/unaligned.h,get_unaligned_le32,LINUX_UNALIGNED_H)
# 6.14
ccflags-y += $(call have,linux/netdevice.h,dev_dstats_rx_add,DEV_DSTATS)
# newlink(dev, params, extack): 6.15
ccflags-y += $(call have,net/rtnetlink.h,rtnl_newlink_params,NEWLINK_PARAMS)
# from_timer became timer_container_of: 6.16
ccflags-y += $(call have,linux/timer.h,timer_container_of,TIMER_CONTAINER_OF)
# 6.16
ccflags-y += $(call have,crypto/chacha.h,chacha_state,CHACHA_STATE)
# one more argument on udp_tunnel_xmit_skb: 6.17
ccflags-y += $(call have,net/udp_tunnel.h,ipcb_flags,UDP_TUNNEL_IPCB_FLAGS)
# blake2s_state became blake2s_ctx, new order of arguments: 6.19
ccflags-y += $(call have,crypto/blake2s.h,blake2s_ctx,BLAKE2S_CTX)
