# SPDX-License-Identifier: GPL-2.0
#
# What the kernel at hand has, found in its headers: distributions backport,
# so a version number says little. Only kmod/compat/ may look at HAVE_*.
#
#	$(call have,FILE,WORD,NAME)	-DHAVE_NAME if WORD stands in FILE,
#					a header below include/
have = $(if $(shell grep -qsw '$(2)' $(srctree)/include/$(1) && echo y),-DHAVE_$(3))

# 6.5
ccflags-y += $(call have,net/gso.h,skb_gso_segment,NET_GSO_H)
# 6.6
ccflags-y += $(call have,net/genetlink.h,genl_info_dump,GENL_INFO_DUMP)
# NETIF_F_LLTX became dev->lltx: 6.12
ccflags-y += $(call have,linux/netdevice.h,lltx,DEV_LLTX)
# 6.12
ccflags-y += $(call have,linux/unaligned.h,get_unaligned_le32,LINUX_UNALIGNED_H)
