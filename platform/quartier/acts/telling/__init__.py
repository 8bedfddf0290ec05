"""What a notice says at the moment it is sent: read anew from the rooms, so nobody is told what is over."""
